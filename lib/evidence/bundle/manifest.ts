import "server-only";
import { canonicalBytes } from "@/lib/ledger/canonical";
import type { Written } from "./archive";

/** What the manifest is, for DSSE. */
export const manifestType = "application/vnd.in-toto+json";
/** The bundle's form; a changed one gets a new number. */
export const bundleFormat = "curfew-evidence-bundle/1";
const predicateType = "https://curfew.invalid/attestations/access-evidence/v1";

type Named = { readonly reportId: string; readonly checkpoint: string; readonly curfewVersion: string };

/** The statement (in-toto v1, canonical JSON) that names every file of a bundle. */
export function manifestPayload(files: readonly Written[], { reportId, checkpoint, curfewVersion }: Named): Uint8Array<ArrayBuffer> {
  return canonicalBytes({
    _type: "https://in-toto.io/Statement/v1",
    subject: files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType,
    predicate: {
      format: bundleFormat,
      report_id: reportId,
      checkpoint,
      generator: { name: "curfew", version: curfewVersion },
      files: files.map(({ name, bytes, packed }) => ({ name, bytes, packed })),
    },
  });
}

/** The envelope (DSSE v1) in the one spelling that the verifier takes. */
export function envelopeOf(payload: Uint8Array, { keyid, sig }: { readonly keyid: string; readonly sig: string }): Uint8Array {
  return Buffer.from(`${JSON.stringify({ payload: Buffer.from(payload).toString("base64"), payloadType: manifestType, signatures: [{ keyid, sig }] })}\n`);
}
