import canonicalize from "canonicalize";
import { AppError } from "@/lib/platform/errors";

/** Canonical JSON (RFC 8785) as UTF-8 bytes: the same value gives the same bytes everywhere, for ever. */
export function canonicalBytes(value: unknown): Uint8Array<ArrayBuffer> {
  const text = canonicalize(value);
  if (text === undefined) throw new AppError("integrity", "value has no canonical JSON form");
  return new Uint8Array(Buffer.from(text, "utf8"));
}
