import "server-only";
import { createHash, hkdfSync, randomBytes } from "node:crypto";

/** A new sign-in token: 256 random bits. Lives in the browser's cookie and nowhere else. */
export function newSignInToken(): string {
  return randomBytes(32).toString("base64url");
}

/** What the database keeps of a sign-in token. A plain hash is enough: 256 random bits cannot be guessed back. */
export function hashSignInToken(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}

/** The key under which next-auth seals its short-lived cookies, derived so that the installation has one secret to keep. */
export function cookieSecret(secretKey: Uint8Array): string {
  return Buffer.from(hkdfSync("sha256", secretKey, "", "curfew sign-in cookies v1", 32)).toString("base64url");
}
