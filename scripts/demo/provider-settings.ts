import { createPrivateKey, generateKeyPairSync, randomBytes, type JsonWebKeyInput, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as z from "zod";

const keySchema = z.record(z.string(), z.unknown());

const settingsSchema = z.object({
  port: z.int(),
  /** Origin of the web server: where sign-ins come from and return to, and the audience of workload tokens. */
  appUrl: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  cookieKey: z.string(),
  workloadSecret: z.string(),
  idTokenKey: keySchema,
  workloadKey: keySchema,
});

/** All that the demo identity provider needs to know; kept in one 0600 file between starts. */
export type ProviderSettings = z.infer<typeof settingsSchema>;

/** Where the issuer is. `localhost`, so that browsers take it for the same site as the web server. */
export function issuerOf(settings: ProviderSettings): string {
  return `http://localhost:${settings.port}`;
}

/** Reads the settings of an earlier start, null when there was none. */
export async function readProviderSettings(file: string): Promise<ProviderSettings | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  return text === null ? null : settingsSchema.parse(JSON.parse(text));
}

/** Fresh secrets and signing keys for the address. */
export function newProviderSettings(port: number, appUrl: string): ProviderSettings {
  const secret = () => randomBytes(32).toString("base64url");
  return {
    port,
    appUrl,
    clientId: "curfew",
    clientSecret: secret(),
    cookieKey: secret(),
    workloadSecret: secret(),
    idTokenKey: toJwk(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey, "RS256"),
    workloadKey: toJwk(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey, "ES256"),
  };
}

function toJwk(key: KeyObject, alg: string): Record<string, unknown> {
  return { ...key.export({ format: "jwk" }), kid: randomBytes(8).toString("hex"), use: "sig", alg };
}

/** The signing key of a settings file as Node wants it. */
export function privateKeyOf(jwk: Record<string, unknown>): KeyObject {
  return createPrivateKey({ key: jwk as JsonWebKeyInput["key"], format: "jwk" });
}
