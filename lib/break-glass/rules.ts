import { usualSecondSeconds } from "@/lib/policies/break-glass";
import type { BreakGlassAnswer, BreakGlassTerms } from "@/lib/policies/types";
import type { GrantState } from "@/lib/grants/types";
import { ok, refuse, type Result } from "@/lib/platform/result";
import type { Basis, BreakGlassState, CloseRefusal, Flag, IncidentCheck, MissingForDrill, SecondRefusal } from "./types";

/** Once it is open, the credential is made within this time, or not at all. */
export const activateWithinSeconds = 1_800;
/** What the list gives on a day on which policy cannot say: half an hour, reviewed within a day. */
export const listTerms: BreakGlassTerms = { maxDurationSeconds: 1_800, secondWithinSeconds: null, debtSeconds: 86_400, ticketRequired: false };
/** A debt is never due sooner than this, however large it is. */
const shortestDebtSeconds = 4 * 3_600;
/** Open debts weigh no more than this together. */
const mostWeight = 3;

type Allowed = { readonly basis: Basis; readonly terms: BreakGlassTerms; readonly flags: readonly Flag[] };

/** What the ticket system's answer adds. Without a ticket system there is nothing to flag: nobody could have asked. */
function flagOfIncident(check: IncidentCheck): readonly Flag[] {
  if (check === "unknown") return ["ticket-unknown"];
  return check === "down" ? ["ticket-down"] : [];
}

/**
 * Whether the glass may be broken, and on what ground. A decided no stands, whoever is on the list. The list is for what could
 * not be asked: policy that fails, or a ticket that policy demands and nobody can verify.
 */
export function groundOf(answer: BreakGlassAnswer, check: IncidentCheck, isListed: boolean): Result<Allowed, "policy-refuses" | "policy-fault" | "ticket-unverified"> {
  const incident = flagOfIncident(check);
  if (answer.outcome === "refuse") return refuse("policy-refuses", { reason: answer.reasons.map(({ text }) => text).join(" · ") });
  if (answer.outcome !== "permit") return isListed ? ok({ basis: "list", terms: listTerms, flags: ["from-list", "policy-fault", ...incident] }) : refuse("policy-fault");
  if (!answer.terms.ticketRequired || check === "verified") return ok({ basis: "policy", terms: answer.terms, flags: incident });
  if (!isListed) return refuse("ticket-unverified", { check });
  const maxDurationSeconds = Math.min(answer.terms.maxDurationSeconds, listTerms.maxDurationSeconds);
  return ok({ basis: "list", terms: { ...answer.terms, maxDurationSeconds }, flags: ["from-list", ...incident] });
}

/**
 * What a later answer of policy means for what was opened. What the list gave ends by a rule that forbids it, not for want of a
 * permit: that there is none is why the list was needed. A fault stands against what policy gave and the list does not.
 */
export function basisOfAnswer(answer: BreakGlassAnswer, basis: Basis, isListed: boolean): "allowed" | "refused" | "fault" {
  if (answer.outcome === "permit") return "allowed";
  if (answer.outcome === "fault") return isListed ? "allowed" : "fault";
  return basis === "policy" || answer.determining.length > 0 ? "refused" : "allowed";
}

/** How long a second person is waited for; null: nobody is. An open debt of the same side asks for one where nothing else does. */
export function secondWait(terms: BreakGlassTerms, openDebts: number): number | null {
  if (terms.secondWithinSeconds !== null) return terms.secondWithinSeconds;
  return openDebts > 0 ? usualSecondSeconds : null;
}

/** How large the debt is. Whoever ran without the second person that was needed owes more, and more for every debt still open. */
export function debtSizeOf({ flags, openDebts }: { readonly flags: readonly Flag[]; readonly openDebts: number }): number {
  const alone = flags.includes("second-unanswered") || flags.includes("nobody-to-ask");
  return 1 + (flags.includes("from-list") ? 1 : 0) + (alone ? 1 + Math.min(openDebts, mostWeight) : 0);
}

/** When the review is due: the larger the debt, the sooner. */
export function debtDueAt(openedAt: Date, debtSeconds: number, size: number): Date {
  const seconds = Math.max(Math.min(debtSeconds, shortestDebtSeconds), Math.floor(debtSeconds / Math.max(1, size)));
  return new Date(openedAt.getTime() + seconds * 1_000);
}

type Waiting = { readonly state: BreakGlassState; readonly side: readonly string[]; readonly asked: readonly string[]; readonly secondDueAt: Date | null };

/** Why this person cannot be the second one; null when they can. */
export function whyNotSecond(glass: Waiting, { personId, now }: { readonly personId: string; readonly now: Date }): SecondRefusal | null {
  if (glass.state !== "waiting") return "not-waiting";
  if (glass.side.includes(personId)) return "own-side";
  if (!glass.asked.includes(personId)) return "not-asked";
  return glass.secondDueAt !== null && glass.secondDueAt <= now ? "time-over" : null;
}

/** States of a grant in which its credential works or may be made at any moment. */
const liveStates: readonly GrantState[] = ["ready", "issuing", "active"];

/** Whether the access that a broken glass gave is over. */
export function isOver(grants: readonly GrantState[]): boolean {
  return !grants.some((state) => liveStates.includes(state));
}

type Owed = { readonly closedAt: Date | null; readonly side: readonly string[]; readonly grants: readonly GrantState[] };

/** Why this person cannot close the debt; null when they can. Nobody closes the debt of their own side, nor one still in use. */
export function whyNotClose(debt: Owed, personId: string): CloseRefusal | null {
  if (debt.closedAt !== null) return "already-closed";
  if (debt.side.includes(personId)) return "own-side";
  return isOver(debt.grants) ? null : "still-live";
}

/** What somebody on call lacks to break a glass in the night. The inbox alone wakes nobody. */
export function missingOf(person: { readonly passkeys: number; readonly email: string | null; readonly webhooks: number }): MissingForDrill[] {
  const missing: MissingForDrill[] = [];
  if (person.passkeys === 0) missing.push("passkey");
  if ((person.email ?? "").trim() === "" && person.webhooks === 0) missing.push("way-to-reach");
  return missing;
}

/** The hour (UTC) from which on the nightly drill runs. */
const drillHourUtc = 2;

/** Whether tonight's drill is still to be run. */
export function isDrillDue(lastRanAt: Date | null, now: Date): boolean {
  const tonight = new Date(now);
  tonight.setUTCHours(drillHourUtc, 0, 0, 0);
  if (tonight > now) tonight.setUTCDate(tonight.getUTCDate() - 1);
  return lastRanAt === null || lastRanAt < tonight;
}

type Seal = { readonly sealedAt: Date; readonly lastCheckedAt: Date | null; readonly holderId: string; readonly retiredAt: Date | null };

/** Whether a sign-in with a sealed credential is one that no check has explained. */
export function isUnexplainedUse(seal: Seal, lastUsedAt: Date | null): boolean {
  if (lastUsedAt === null || seal.retiredAt !== null) return false;
  const known = Math.max(seal.sealedAt.getTime(), seal.lastCheckedAt?.getTime() ?? 0);
  return lastUsedAt.getTime() > known;
}

/** Why this person cannot check the seal: whoever holds its numbers would check themselves. */
export function whyNotCheck(seal: Seal, personId: string): "own-seal" | "retired" | null {
  if (seal.retiredAt !== null) return "retired";
  return seal.holderId === personId ? "own-seal" : null;
}
