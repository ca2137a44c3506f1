import type { Refusals } from "@/components/ui/form/act";

/** Why something about a passkey is refused, in words. */
export const passkeyRefusals: Refusals = {
  "address-is-number": "Passkeys need a name as address, not an IP number. Open Curfew by its name.",
  "address-not-secure": "Passkeys need an address that begins with https. Nothing was changed.",
  "challenge-unknown": "This answer fits no question of ours. Nothing was changed: start again.",
  "challenge-used": "This was answered already. Nothing was changed: start again.",
  "challenge-expired": "It took longer than 5 min. Nothing was changed: start again.",
  "asked-elsewhere": "This was asked of somebody else or in another browser. Nothing was changed: start again.",
  "other-approval": "The passkey confirmed something else than what is asked here. Nothing was changed: start again.",
  "no-passkey": "You have no passkey yet. Add one on your own page.",
  "already-left": "You are signed out, or set to left. Nothing was changed.",
  "passkey-unknown": "This passkey is not one of those that were asked. Nothing was changed: use one from the list.",
  "passkey-removed": "This passkey was removed. Nothing was changed: use another one.",
  "passkey-revoked": "Your passkeys were taken back when you left. Nothing was changed: add a new one on your own page.",
  "counter-went-back": "This passkey counted backwards, so there may be a copy of it. Nothing was changed. Use another one, and have an administrator remove this one.",
  "not-verified": "The passkey's signature, or what it covers, is not what was asked for. Nothing was changed: start again.",
  "too-many": "You have 20 passkeys, which is the most. Remove one first.",
  "sign-in-too-old": "You signed in more than 10 min ago. Sign in again, then go on.",
  "confirm-first": "Another passkey was added meanwhile. Start again, and confirm with that one.",
  "already-enrolled": "Curfew knows this passkey already. Nothing was changed.",
  "secret-in-text": "This looks like it holds a secret. Nothing was kept: take it out.",
  "passkey-gone": "This passkey is not there any more.",
  "no-longer-administrator": "You are no longer an administrator.",
  "another-administrator": "Another administrator has to remove your passkey, or you confirm with a passkey yourself.",
};

type Ceremony = "confirm" | "make";

const nameOf = (error: unknown) => (error instanceof Error ? error.name : "");
const codeOf = (error: unknown) => (error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "");

/** Why the browser or the device made or used no passkey, in words: what happened, what was kept, what to do. */
export function ceremonyWords(error: unknown, ceremony: Ceremony, where: { readonly host: string; readonly rpId: string | undefined }): string {
  const code = codeOf(error);
  const name = nameOf(error);
  if (code === "ERROR_INVALID_DOMAIN" || code === "ERROR_INVALID_RP_ID" || name === "SecurityError") {
    return `Passkeys are kept for ${where.rpId ?? "another address"}, and this page is at ${where.host}. Nothing was changed: open Curfew at that address.`;
  }
  if (name === "InvalidStateError") return "This device holds a passkey of yours already. Nothing was changed: use it, or choose another device.";
  if (name === "ConstraintError" || name === "NotSupportedError") {
    return "This device cannot check that it is you, by PIN, fingerprint or face. Nothing was changed: use another device.";
  }
  if (name === "AbortError" || code === "ERROR_CEREMONY_ABORTED") return "Another question to your passkey took the place of this one. Nothing was changed: start again.";
  if (name === "NotAllowedError") {
    return ceremony === "make"
      ? "No passkey was made: it was cancelled, or nothing answered in time. Nothing was changed: try again when you are ready."
      : "No passkey answered: it was cancelled, it took too long, or none of yours is on this device. Nothing was changed: try again, or use the device that holds it.";
  }
  return "Your device could not do it. Nothing was changed: try again, or use another device.";
}

/** Said where the browser knows no passkeys at all. */
export const notSupported = "This browser cannot use passkeys. Nothing was changed: open Curfew in a current browser.";
