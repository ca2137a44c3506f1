import { allows } from "@/lib/auth/permissions";
import type { EndReason } from "@/lib/grants/types";
import { formatCount, formatList, formatPlural, formatSeconds, formatUtc } from "@/lib/platform/format";
import { type ExportFormat, exportFormats, type SealState, sealStates } from "./types";
import type { ChainLink, Clock, GrantFacts, LinkKey, RequestFacts, SealSource, ToldBy } from "./views/chain-types";

const labels = {
  asked: "asked",
  decided: "decided",
  issued: "issued",
  "first-use": "first use",
  "last-use": "last use",
  ended: "ended",
  proven: "proven dead",
} as const satisfies Record<LinkKey, string>;

type Said = Partial<Omit<ChainLink, "key" | "afterMs">>;

const databaseClock: Clock = { of: "database" };

const link = (key: LinkKey, said: Said): ChainLink => ({
  key, label: labels[key], state: "pending", at: null, afterMs: null, since: null, who: null, source: null, note: null,
  clock: said.at == null ? null : databaseClock, ...said,
});

const curfew = "Curfew's own record";

const endWords = {
  completed: "the task was done",
  "task-failed": "the task failed",
  expired: "its time was over",
  idle: "idle for too long",
  "use-limit": "its uses were up",
  "context-changed": "policy decided no",
  abnormal: "seen where it should not be",
  "ticket-closed": "its ticket was closed",
  "ended-by-person": "ended by a person",
  "identity-suspended": "the identity was suspended",
  "owner-left": "the owner left",
  superseded: "the target's answer was lost",
} as const satisfies Record<EndReason, string>;

/** Why a session ended, in a few words. */
export function endReasonText(reason: EndReason | null): string {
  return reason === null ? "reason not recorded" : endWords[reason];
}

const failureWords: Readonly<Record<string, string>> = {
  unreachable: "target unreachable",
  timeout: "target did not answer in time",
  aborted: "the call was broken off",
  denied: "target refused",
  "wrong-target": "the entitlement is not there on the target",
  "deadline-passed": "the time to issue it was over",
  conflict: "something else has its name on the target",
  "in-use": "something still uses it on the target",
  "still-alive": "the second look still saw it",
  unexpected: "an unexpected answer of the target",
  "answer-lost": "the target's answer was lost",
};

/** Why a call to a target failed, in words. */
export function failureText(code: string | null): string {
  return code === null ? "no failure recorded" : (failureWords[code] ?? code.replaceAll("-", " "));
}

const strengthWords: Readonly<Record<string, string>> = {
  "credential-refused": "Strongest: the very credential was refused.",
  "issuer-lookup": "Strong: the issuer itself says that it is gone.",
  "absent-from-inventory": "Good: the account, its connections and what it owned are absent from the target's own inventory. Its password was not tried: nobody but the holder ever had it.",
  "acknowledged-only": "Weak: the target only took the order.",
};

/** What a strength of proof means. */
export function strengthText(strength: string): string {
  return strengthWords[strength] ?? `Strength ${strength}.`;
}

function askedLink({ submittedAt, asker, isWorkload }: RequestFacts): ChainLink {
  return link("asked", { state: "reached", at: submittedAt, who: asker, source: isWorkload ? "Curfew, over the API with the job's own token" : curfew });
}

function decidedLink(request: RequestFacts): ChainLink {
  const { state, decidedAt, votes, activateBefore, takenBy } = request;
  const approvers = votes.filter(({ answer }) => answer === "approve").map(({ name }) => name);
  const reached: Said = { state: "reached", at: decidedAt, source: curfew };
  const taken: Said = { ...reached, label: "taken", who: takenBy, note: "by breaking the glass: nobody decided beforehand" };
  const approved: Said = takenBy !== null ? taken : approvers.length === 0 ? { ...reached, who: "policy", note: "approved by policy, no person asked" } : { ...reached, who: formatList(approvers), note: "approved" };
  switch (state) {
    case "pending":
      return link("decided", { note: `${request.waitsFor ? `waits for ${request.waitsFor}` : "waits for a decision"}, lapses ${formatUtc(request.decideBefore)}` });
    case "approved":
      return link("decided", approved);
    case "denied": {
      const deniers = votes.filter(({ answer }) => answer === "deny").map(({ name }) => name);
      return link("decided", { ...reached, label: "denied", who: formatList(deniers), note: "denied" });
    }
    case "withdrawn":
      return link("decided", { ...reached, label: "withdrawn", who: request.asker, note: "taken back before it was decided" });
    case "lapsed":
      if (activateBefore !== null) return link("decided", approved);
      return link("decided", { ...reached, label: "lapsed", state: "skipped", who: null, note: "nobody decided in time" });
  }
}

/** Why nothing was issued, for a request without a grant. */
function whyNothing({ state }: RequestFacts): string {
  switch (state) {
    case "pending":
      return "not decided yet";
    case "denied":
      return "denied, so nothing was issued";
    case "withdrawn":
      return "taken back, so nothing was issued";
    case "lapsed":
      return "lapsed undecided, so nothing was issued";
    case "approved":
      return "no grant is recorded";
  }
}

const later: readonly LinkKey[] = ["issued", "first-use", "last-use", "ended", "proven"];

function nothingIssued(why: string, state: "pending" | "skipped"): ChainLink[] {
  return later.map((key) => link(key, { state, note: key === "issued" ? why : null }));
}

function issuedLink(grant: GrantFacts, asker: string, now: number): ChainLink {
  const { activatedAt, issueStartedAt, issueDeadline, handleName, handleTargetId } = grant;
  if (activatedAt !== null) {
    const source = handleTargetId ? `the target answered, its id there: ${handleTargetId}` : "the target answered";
    return link("issued", { state: "reached", at: activatedAt, who: asker, source, note: handleName });
  }
  switch (grant.state) {
    case "ready":
      return link("issued", { note: `waits to be activated before ${formatUtc(grant.activateBefore)}` });
    case "issuing": {
      const isLate = issueDeadline !== null && Date.parse(issueDeadline) < now;
      if (!isLate) return link("issued", { who: asker, note: "the target is making it" });
      return link("issued", { state: "late", since: issueDeadline, who: asker, note: "the target's answer is missing · Curfew looks there and takes back what it finds" });
    }
    case "failed":
      return link("issued", { state: "failed", since: grant.closedAt, who: asker, source: "a look at the target found nothing", note: `never issued: ${failureText(grant.lastFailure)}` });
    case "lapsed":
      return link("issued", { state: "skipped", note: `nobody activated it before ${formatUtc(grant.activateBefore)}` });
    default:
      return link("issued", { state: "failed", since: issueStartedAt, who: asker, note: "the target's answer was lost · whatever came to be is taken back" });
  }
}

const seenByPolling = "polling of the target";
const seenInLog = "the target's log";

/** Whose word a use is: the source by name, and its clock. */
function told(by: ToldBy | undefined, otherwise: string): Said {
  if (!by) return { source: otherwise };
  return { source: by.kind === "log" ? `the log “${by.name}”` : `looks at the target, “${by.name}”`, clock: { of: "source", name: by.name, offsetMs: by.offsetMs } };
}

/** How good the clock of a time is, in words. */
export function clockText(clock: Clock): string {
  if (clock.of === "database") return "database clock";
  const { name, offsetMs } = clock;
  if (offsetMs === 0) return `clock of “${name}”, no offset measured`;
  return `clock of “${name}”, ${formatCount(Math.abs(offsetMs))} ms ${offsetMs > 0 ? "ahead" : "behind"}`;
}

function noUseText({ noUse }: GrantFacts, isOver: boolean): string {
  if (noUse?.say === "not-used") return `not used, says ${noUse.source}`;
  if (noUse?.say === "open" && isOver) return `not seen · open until ${noUse.source} has reported all of its time`;
  return isOver ? "not seen: shorter than the time between two looks, or none" : "not seen yet";
}

function useLinks(grant: GrantFacts): [ChainLink, ChainLink] {
  const { firstUseAt, lastUseAt, useCount, statementCount, firstToldBy, lastToldBy } = grant;
  if (firstUseAt !== null && useCount === 0) {
    return [
      link("first-use", { state: "reached", at: firstUseAt, ...told(firstToldBy, seenInLog), note: "logged" }),
      link("last-use", { state: "reached", at: lastUseAt ?? firstUseAt, ...told(lastToldBy, seenInLog), note: "logged · too short to be seen by a look" }),
    ];
  }
  if (firstUseAt !== null) {
    const counted = statementCount === null ? "" : ` · ${formatPlural(statementCount, "statement")} counted`;
    return [
      link("first-use", { state: "reached", at: firstUseAt, ...told(firstToldBy, seenByPolling), note: firstToldBy?.kind === "log" ? "logged" : "seen" }),
      link("last-use", { state: "reached", at: lastUseAt ?? firstUseAt, ...told(lastToldBy, seenByPolling), note: `${formatPlural(useCount, "connection")} seen${counted}` }),
    ];
  }
  const isOver = grant.endingAt !== null;
  const note = noUseText(grant, isOver);
  return [link("first-use", { state: isOver ? "skipped" : "pending", note }), link("last-use", { state: isOver ? "skipped" : "pending" })];
}

function endedLink(grant: GrantFacts, now: number): ChainLink {
  const { endingAt, acceptedAt, sessionsCut, notAfter } = grant;
  if (endingAt === null) {
    const isLate = notAfter !== null && Date.parse(notAfter) < now;
    if (isLate) return link("ended", { state: "late", since: notAfter, note: "its time is over and nobody has ended it yet · new sign-ins have stopped by themselves" });
    return link("ended", { note: notAfter ? `ends by itself ${formatUtc(notAfter)}` : null });
  }
  const taken = acceptedAt === null ? "the target has not taken it yet" : `the target took it ${formatUtc(acceptedAt)}${sessionsCut === null ? "" : `, ${formatPlural(sessionsCut, "connection")} cut`}`;
  return link("ended", { state: "reached", at: endingAt, who: grant.endedBy ?? "Curfew", source: curfew, note: `${endReasonText(grant.endReason)} · ${taken}` });
}

function provenLink(grant: GrantFacts, now: number): ChainLink {
  const { endingAt, provenAt, proof } = grant;
  if (provenAt !== null) {
    const source = proof ? `${proof.seenBy}, ${formatPlural(proof.looks.length, "look")}` : "the probe";
    return link("proven", { state: "reached", at: provenAt, who: proof?.seenBy ?? null, source, note: proof ? proof.facts.join(" · ") : null });
  }
  if (endingAt === null) return link("proven", {});
  const late: Said = { state: "late", since: endingAt };
  switch (grant.state) {
    case "not-provable":
      return link("proven", { state: "failed", since: endingAt, note: `cannot be proven: ${grant.lastFailure ?? "the target offers no look"} · can work until ${grant.notAfter ? formatUtc(grant.notAfter) : "its end"}` });
    case "expired-unproven":
      return link("proven", { state: "failed", since: endingAt, note: "its time is over and nobody could look · does not count as proven" });
    case "forced":
      return link("proven", { state: "failed", since: endingAt, note: "closed by a person without a proof · does not count as proven" });
    default:
      if (grant.attempts === 0) return link("proven", { note: grant.acceptedAt === null ? "the target is being asked" : "the second account is looking" });
      return link("proven", { ...late, note: [failureText(grant.lastFailure), nextTry(grant.nextAttemptAt, now)].filter(Boolean).join(" · ") });
  }
}

function nextTry(at: string | null, now: number): string | null {
  if (at === null) return null;
  const seconds = Math.ceil((Date.parse(at) - now) / 1000);
  return seconds > 0 ? `next try in ${formatSeconds(seconds)}` : "trying now";
}

/** Time from the newest reached link before it. */
function withSpans(links: readonly ChainLink[]): ChainLink[] {
  let before: number | null = null;
  return links.map((one) => {
    if (one.state !== "reached" || one.at === null) return one;
    const at = Date.parse(one.at);
    const afterMs = before === null ? null : Math.max(0, at - before);
    before = at;
    return { ...one, afterMs };
  });
}

/**
 * The seven links of a request and one of its grants: asked → decided → issued → first use → last use → ended → proven dead.
 * A hollow link says why it was not reached; nothing is claimed that nobody saw.
 */
export function chainLinks(request: RequestFacts, grant: GrantFacts | null, now: Date): ChainLink[] {
  const begun = [askedLink(request), decidedLink(request)];
  if (grant === null) return withSpans([...begun, ...nothingIssued(whyNothing(request), request.state === "pending" ? "pending" : "skipped")]);
  const issued = issuedLink(grant, request.asker, now.getTime());
  const wasIssued = grant.activatedAt !== null || grant.endingAt !== null;
  if (!wasIssued) {
    const state = issued.state === "pending" || issued.state === "late" ? "pending" : "skipped";
    return withSpans([...begun, issued, ...nothingIssued("", state).slice(1)]);
  }
  return withSpans([...begun, issued, ...useLinks(grant), endedLink(grant, now.getTime()), provenLink(grant, now.getTime())]);
}

/** The links of an ask that was refused before it became a request. */
export function refusedLinks(askedAt: string, asker: string, why: string): ChainLink[] {
  return [
    link("asked", { state: "reached", at: askedAt, who: asker, source: curfew }),
    link("decided", { label: "refused", state: "reached", at: askedAt, who: "Curfew", source: curfew, note: why }),
    ...nothingIssued("refused, so nothing was asked of anybody", "skipped"),
  ];
}

const eventTypesOf = {
  asked: ["request.submitted", "request.refused", "break-glass.asked"],
  decided: ["request.approved", "request.denied", "request.withdrawn", "request.lapsed", "request.refused", "break-glass.second-answered", "break-glass.opened"],
  issued: ["grant.issuing", "grant.active", "grant.failed", "grant.lapsed"],
  "first-use": ["grant.first-used"],
  "last-use": ["grant.used"],
  ended: ["grant.ending", "grant.accepted"],
  proven: ["grant.proven", "grant.stuck", "grant.not-provable", "grant.expired-unproven"],
} as const satisfies Record<LinkKey, readonly string[]>;

/** Which events stand behind a link of a grant. */
export function eventsBehind(
  key: LinkKey,
  events: readonly { readonly id: string; readonly type: string; readonly grantId: string | null }[],
  grantId: string | null,
): string[] {
  const types: readonly string[] = eventTypesOf[key];
  const wasApproved = events.some(({ type }) => type === "request.approved");
  const behind = events.filter((event) => types.includes(event.type) && (event.grantId === null || event.grantId === grantId));
  // A request that lapsed after it was approved lapsed for want of an activation.
  return behind.filter(({ type }) => !(wasApproved && type === "request.lapsed")).map(({ id }) => id);
}

const refusalWords: Readonly<Record<string, string>> = {
  "policy-refuses": "policy refused it",
  "policy-fault": "policy could not be asked, so nothing new was given",
  "unknown-identity": "there is no such identity",
  "unknown-entitlement": "there is no such entitlement",
  "not-your-identity": "a workload may ask for itself only",
  "held-standing": "the identity held it standing, and it was not said why it is asked all the same",
  "review-missed": "nobody had reviewed the identity in time",
  "not-requestable": "the entitlement cannot be asked for",
  "purpose-not-listed": "the purpose is not on the entitlement's list",
  "purpose-not-allowed": "policy does not allow the purpose here",
  "already-granted": "a grant for it was there already",
  "already-asked": "a request for it was waiting already",
  "already-standing": "it was held already, standing, and nobody said why that is not enough",
  "nothing-to-extend": "there was no live session of who asked to extend",
  "nothing-to-ask-again": "there was no denied request of who asked to ask again",
  "start-too-late": "it would start later than facts are known for",
  "nobody-can-approve": "nobody was left who may decide",
  "ticket-missing": "policy wanted a ticket",
  "duration-over-policy": "longer than policy allows",
  "duration-over-cap": "longer than can be given here",
  "uses-over-policy": "more uses than policy allows",
  "step-up-unavailable": "policy wanted a confirmation that is not available",
  "bound-not-positive": "a bound was zero or less",
};

/** Why an ask was refused, in words. */
export function refusalText(code: string | null): string {
  return code === null ? "the reason is not recorded" : (refusalWords[code] ?? code.replaceAll("-", " "));
}

/** Where a source stands against the time up to which a chain needs it. */
export function sourcePlace(watermark: Date | null, neededAt: Date | null): SealSource["state"] {
  if (neededAt === null) return "live";
  if (watermark === null) return "silent";
  return watermark >= neededAt ? "passed" : "late";
}

/** What is said of a chain's seal: what came too late breaks it for good. */
export function sealStateOf({ state, brokenAt }: { readonly state: string; readonly brokenAt: Date | null }): SealState {
  return brokenAt !== null ? "broken" : (sealStates.find((known) => known === state) ?? "live");
}

type Asking = { readonly roles: readonly string[]; readonly bound?: { readonly names: boolean; readonly since: string } };

/** Formats that are rows and nothing else: in those, persons can be called by pseudonyms. */
const namelessFormats: readonly ExportFormat[] = ["csv", "jsonl"];

/** The formats that somebody may have. Others than rows hold names and exact bytes: an engagement without names gives none of those. */
export function formatsFor({ roles, bound }: Asking): readonly ExportFormat[] {
  if (!allows(roles, "evidence:export")) return [];
  return bound === undefined || bound.names ? exportFormats : namelessFormats;
}

/** Whether somebody may have an export in this format that was asked for then. An engagement gives what was asked for within it. */
export function mayExport(asking: Asking, format: string, requestedAt?: Date): boolean {
  const isWithin = asking.bound === undefined || requestedAt === undefined || requestedAt.toISOString() >= asking.bound.since;
  return isWithin && formatsFor(asking).some((one) => one === format);
}
