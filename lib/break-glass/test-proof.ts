import { newId } from "@/lib/platform/ids";
import type { BreakGlassCommand } from "./mutations";

/** A passkey's answer as it would be kept. Breaking a glass only asks whether there is one; `lib/passkeys` tests make them for real. */
export function proofOf(personId: string): BreakGlassCommand["confirm"] {
  return async (tx, now) => {
    const id = newId();
    const bytes = new Uint8Array([1]);
    const passkey = { id: newId(), personId, credentialId: newId(), publicKey: bytes, counter: 0n, transports: [], aaguid: "", deviceType: "single-device", backedUp: false, name: "key", createdAt: now };
    await tx.passkey.create({ data: passkey });
    await tx.stepUpProof.create({
      data: {
        id, personId, passkeyId: passkey.id, rpId: "x", origin: "x", statement: "{}", digest: id, challenge: id, credentialId: passkey.credentialId, publicKey: bytes,
        authenticatorData: bytes, clientDataJson: bytes, signature: bytes, userVerified: true, counter: 0n, verifiedAt: now,
      },
    });
    return { ok: true, value: { id } };
  };
}
