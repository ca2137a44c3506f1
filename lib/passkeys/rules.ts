import { ok, refuse, type Result } from "@/lib/platform/result";
import type { AddressRefusal, ChallengeRefusal, EnrolRefusal, PasskeyRefusal } from "./types";

/** An authenticator answers within this time, or is asked again. */
export const challengeLastsSeconds = 5 * 60;
/** The first passkey is added within this time after signing in: a stolen session is older most of the time. */
export const freshSignInSeconds = 10 * 60;
/** Passkeys of one person. */
export const mostPasskeys = 20;

/** What a passkey is bound to: the name of the host, and the origin of its pages. */
export type RelyingParty = { readonly rpId: string; readonly origin: string };

/** The relying party that a public address makes (WebAuthn §5.1.2): a name over HTTPS, or localhost. */
export function relyingPartyOf(address: string): Result<RelyingParty, AddressRefusal> {
  const { protocol, hostname, origin } = new URL(address);
  // The URL parser writes every spelling of an IPv4 number as four decimals, and IPv6 in brackets.
  if (/^[\d.]+$/.test(hostname) || hostname.startsWith("[")) return refuse("address-is-number");
  const isLocal = hostname === "localhost" || hostname.endsWith(".localhost");
  return protocol === "https:" || isLocal ? ok({ rpId: hostname, origin }) : refuse("address-not-secure");
}

/** Whether somebody signed in a moment ago. */
export function isFresh(signedInAt: Date, now: Date): boolean {
  return now.getTime() - signedInAt.getTime() <= freshSignInSeconds * 1_000;
}

/** Whether a passkey may be added; null when nothing stands against it. `confirmed`: with one that the person has already. */
export function whyNotEnrol(facts: {
  readonly passkeys: number;
  readonly confirmed: boolean;
  readonly signedInAt: Date;
  readonly now: Date;
}): Extract<EnrolRefusal, "too-many" | "confirm-first" | "sign-in-too-old"> | null {
  const { passkeys, confirmed, signedInAt, now } = facts;
  if (passkeys >= mostPasskeys) return "too-many";
  if (passkeys > 0) return confirmed ? null : "confirm-first";
  return isFresh(signedInAt, now) ? null : "sign-in-too-old";
}

/** What was asked of an authenticator. */
export type Asked = {
  readonly personId: string;
  readonly signInId: string;
  readonly digest: string;
  readonly expiresAt: Date;
  readonly consumedAt: Date | null;
};

/** Whether an answer may count for what it says it answers: same person, same browser, same thing, in time, and once. */
export function whyNotAnswer(
  asked: Asked | null,
  answer: { readonly personId: string; readonly signInId: string; readonly digest: string; readonly now: Date },
): ChallengeRefusal | null {
  if (!asked) return "challenge-unknown";
  if (asked.personId !== answer.personId || asked.signInId !== answer.signInId) return "asked-elsewhere";
  if (asked.consumedAt !== null) return "challenge-used";
  if (asked.expiresAt <= answer.now) return "challenge-expired";
  return asked.digest === answer.digest ? null : "other-approval";
}

/** Whether a signature counter says that a copy of the passkey is at work (WebAuthn §6.1.1). Both 0: it does not count. */
export function counterWentBack(before: number, after: number): boolean {
  return (before > 0 || after > 0) && after <= before;
}

/** Whether somebody may remove a passkey without using one; null when nothing stands against it. */
export function whyNotRemoveLost(facts: {
  readonly actorId: string;
  readonly personId: string;
  readonly administrators: readonly string[];
  readonly signedInAt: Date;
  readonly now: Date;
}): Extract<PasskeyRefusal, "no-longer-administrator" | "another-administrator" | "sign-in-too-old"> | null {
  const { actorId, personId, administrators, signedInAt, now } = facts;
  if (!administrators.includes(actorId)) return "no-longer-administrator";
  if (actorId !== personId) return null;
  // One's own: only where nobody else could, and never from a session that lay around.
  if (administrators.length > 1) return "another-administrator";
  return isFresh(signedInAt, now) ? null : "sign-in-too-old";
}
