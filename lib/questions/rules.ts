import type { Schedule, ShippedQuestion } from "./types";

type OnEvidence = Extract<ShippedQuestion, { on: "evidence" }>;
type OnFindings = Extract<ShippedQuestion, { on: "findings" }>;

const ask = (key: string, asks: string, rowMeans: string, filter: OnEvidence["filter"]): ShippedQuestion => ({ key, asks, rowMeans, isTest: false, on: "evidence", filter });
const test = (key: string, asks: string, rowMeans: string, filter: OnEvidence["filter"]): ShippedQuestion => ({ key, asks, rowMeans, isTest: true, on: "evidence", filter });
const testFindings = (key: string, asks: string, rowMeans: string, kinds: OnFindings["kinds"]): ShippedQuestion => ({ key, asks, rowMeans, isTest: true, on: "findings", kinds });

/** Questions that auditors ask of just-in-time access, and negative tests: those that hope for no row. */
export const shippedQuestions: readonly ShippedQuestion[] = [
  ask("population", "What is the whole population?", "a request and its grants, denied, lapsed and refused ones too", {}),
  ask("not-allowed", "What was asked for and not allowed?", "a request that was denied, withdrawn, lapsed or refused", { state: "denied,lapsed,refused,withdrawn" }),
  ask("emergencies", "What happened in emergencies?", "a broken glass and its session", { emergency: "yes" }),
  ask("passkeys", "What was approved with a passkey?", "a request with a vote whose passkey signed exactly what was approved", { passkey: "yes" }),
  ask("sensitive", "What was asked of the most sensitive access?", "a request for something high or critical", { sensitivity: "critical,high" }),
  ask("agents", "What did AI agents ask for?", "a request for an identity that is an AI agent", { kind: "ai-agent" }),
  ask("proven", "Which ends are proven?", "a grant that a probe found dead", { grant: "proven" }),
  ask("cut-short", "What was ended before its time?", "a grant ended by policy, a ticket, a person or a suspension", { reason: "abnormal,context-changed,ended-by-person,identity-suspended,owner-left,ticket-closed" }),
  test("unproven", "Is any end not proven?", "a grant that is over, or should be, without a proof", { unproven: "yes" }),
  test("incomplete", "Is any chain incomplete?", "a request whose sources have not all reported, or reported late", { seal: "broken,open,unknowable" }),
  test("no-ticket", "Was anything granted without a ticket?", "a request that names no ticket", { state: "approved", ticket: "no" }),
  test("no-approval", "Was anything issued without approval?", "a grant whose approval is not in the ledger before its issue", { finding: "issued-without-approval" }),
  test("own-side", "Did anybody approve for their own side?", "a request approved by somebody who stands on the asking side, by what is known now", { finding: "approver-on-side" }),
  test("own-policy", "Did anybody change the policy they profited from?", "a request decided by a policy that its own side or approver put in force the day before", { finding: "policy-by-beneficiary" }),
  test("beyond-scope", "Was anything used beyond what it gives?", "a grant whose session reached what its entitlement does not give", { finding: "use-outside-scope" }),
  test("before-start", "Was anything used before its start?", "a grant with a use before its session began", { finding: "use-before-start" }),
  test("after-end", "Was anything used after its end?", "a grant with a use after the target had taken the end", { finding: "use-after-end" }),
  test("by-other", "Did anybody else use it?", "a grant with a use under another name", { finding: "use-by-other" }),
  test("after-ticket", "Was anything used after its ticket was closed?", "a grant with a use after its ticket was seen closed", { finding: "ticket-closed-before-use" }),
  test("late", "Did anything end late?", "a grant that the target took back more than a minute after its time", { finding: "ended-late" }),
  test("never-used", "What was granted and not used?", "a grant nobody used, or was seen to use", { finding: "grant-never-used" }),
  test("too-long", "What was open far longer than used?", "a grant open ten times as long as it was used", { finding: "grant-far-longer" }),
  test("side-door-after", "What could still be reached after its end?", "a grant whose entitlement something else still gave", { finding: "still-reachable" }),
  test("guessed", "Which uses are only inferred?", "a grant with a use that was matched by less than its credential", { match: "inferred" }),
  testFindings("extended", "What is extended again and again?", "an identity whose access was extended repeatedly", ["extended-often"]),
  testFindings("outside", "Is any credential on a target that nothing explains?", "a credential or use that no session explains", ["unexplained-credential", "credential-after-proof", "foreign-handle", "use-outside-session"]),
  testFindings("unreviewed", "Is any emergency not reviewed in time?", "an emergency whose review is overdue or found something", ["break-glass-overdue", "break-glass-found"]),
  testFindings("side-doors", "Which standing access does nobody answer for?", "a standing assignment without exception", ["side-door", "exception-ends-soon"]),
  testFindings("record", "Was the record changed, or is it held by nobody else?", "a position that is not as it was signed, or a checkpoint that did not leave the house", ["ledger-broken", "checkpoints-inside", "place-unreached"]),
  testFindings("orphans", "Does anybody fail to answer for an identity?", "an identity without a living owner, sponsor or backup", ["orphaned-identity", "place-left-empty"]),
];

const dayMs = 86_400_000;
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

/** First moment of the period that `now` lies in, in UTC; weeks begin on Monday. */
function periodStart(schedule: Exclude<Schedule, "never">, now: Date): number {
  const [year, month, date] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  switch (schedule) {
    case "daily":
      return Date.UTC(year, month, date);
    case "weekly":
      return Date.UTC(year, month, date - ((now.getUTCDay() + 6) % 7));
    case "monthly":
      return Date.UTC(year, month, 1);
    case "quarterly":
      return Date.UTC(year, month - (month % 3), 1);
  }
}

/** The last period that is wholly over at `now`, as its first and last day in UTC. */
export function periodBefore(schedule: Exclude<Schedule, "never">, now: Date): { readonly from: string; readonly to: string } {
  const end = periodStart(schedule, now);
  return { from: dayOf(periodStart(schedule, new Date(end - 1))), to: dayOf(end - dayMs) };
}

/** How long after a period's end it is answered, so that what is late by a little is in it (milliseconds). */
const graceMs = 2 * 3_600_000;

/** When the period that `now` lies in is answered; null where nothing is answered by itself. */
export function nextRunAt(schedule: Schedule, now: Date): Date | null {
  if (schedule === "never") return null;
  const start = periodStart(schedule, now);
  if (now.getTime() < start + graceMs) return new Date(start + graceMs);
  const far = new Date(start + { daily: 1, weekly: 7, monthly: 32, quarterly: 93 }[schedule] * dayMs);
  return new Date(periodStart(schedule, far) + graceMs);
}
