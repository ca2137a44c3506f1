import { answerQuestions, type Measure } from "../asked";
import { approvers, personId } from "./data";

/** The loader's own functions, from the parsed address to the rows that go to the browser, and votes as a click makes them. */
async function measures(): Promise<Measure[]> {
  const { listApprovals } = await import("@/lib/requests/views/queue");
  const { readQueue } = await import("@/lib/requests/views/queue-page");
  const { approvalListSchema } = await import("@/lib/requests/views/list-schema");
  const { countWaitingFor } = await import("@/lib/overview/data");
  const { decideRequest } = await import("@/lib/requests/decision");
  const { encodeCursor } = await import("@/lib/db/cursor");
  const { db } = await import("@/lib/db/client");
  const actorOf = (number: number) => ({ kind: "person", personId: personId(number), name: "Approver", roles: ["approver"] }) as const;
  const some = (number: number, query: string) => listApprovals(personId(number), approvalListSchema.parse(Object.fromEntries(new URLSearchParams(query))));
  const list = async (number: number, query = "") => {
    const page = await some(number, query);
    if (page.rows.length === 0) throw new Error(`nothing waits for person ${number} with ${query}`);
    return page;
  };
  const whole = async (number: number) => {
    const { open } = await readQueue(actorOf(number), approvalListSchema.parse({}));
    if (!open) throw new Error(`nothing is open for person ${number}`);
  };
  const waiting = { state: "pending", stages: { some: { members: { some: { personId: personId(approvers.most), removedAt: null } } } } };
  const [middle] = await db.request.findMany({ where: waiting, orderBy: [{ risk: "desc" }, { submittedAt: "asc" }, { id: "asc" }], select: { id: true, risk: true, submittedAt: true }, skip: Math.floor((await db.request.count({ where: waiting })) / 2), take: 1 });
  const deep = middle ? encodeCursor({ key: "risk", direction: "asc" }, { value: `${middle.risk}|${middle.submittedAt.toISOString()}`, id: middle.id }) : "";
  // One request per identity: what is given already cannot be given twice.
  const ballots = await db.$queryRaw<{ id: string; version: number; seconds: number }[]>`
    select distinct on (r.identity_id) r.id, r.version, r.granted_duration_seconds as seconds from requests r
    where r.state = 'pending' and exists (select from stages s join stage_members m on m.stage_id = s.id where s.request_id = r.id and m.person_id = ${personId(approvers.most)}::uuid)
    order by r.identity_id, r.id limit 2000`;
  const vote = async (answer: "approve" | "deny", state: string) => {
    const ballot = ballots.pop();
    if (!ballot) throw new Error("no request is left to vote on");
    const decided = await decideRequest({ actor: actorOf(approvers.most), requestId: ballot.id, answer, reason: "Agreed with the team", version: ballot.version, durationSeconds: ballot.seconds });
    if (!decided.ok || decided.value.state !== state) throw new Error(decided.ok ? `it is ${decided.value.state}` : decided.code);
    return ballot.id;
  };
  return [
    { what: "first page with its group counts, of whom most waits for", run: () => list(approvers.most) },
    { what: "… of whom 100 wait for", run: () => list(approvers.hundred) },
    { what: "… of whom 3 wait for", run: () => list(approvers.three) },
    { what: "… of who answers for half of the identities", run: () => list(approvers.ownSide) },
    { what: "page at the middle, by its cursor", run: () => list(approvers.most, `after=${deep}`) },
    { what: "first page of a sensitivity, which nearly all have", run: () => list(approvers.most, "sensitivity=medium") },
    { what: "… which only what others are asked about has", run: () => some(approvers.most, "sensitivity=high,critical") },
    { what: "… of whom 3 wait for, which they have", run: () => list(approvers.three, "sensitivity=high") },
    { what: "first page, its first card and own pace", run: () => whole(approvers.most) },
    { what: "count in the navigation, most", run: () => countWaitingFor(actorOf(approvers.most), new Date()) },
    { what: "count in the navigation, 3", run: () => countWaitingFor(actorOf(approvers.three), new Date()) },
    { what: "vote → denied, committed", changes: true, run: () => vote("deny", "denied") },
    { what: "vote → approved and its grant ready, committed", changes: true, run: () => vote("approve", "approved") },
  ];
}

await answerQuestions(measures);
