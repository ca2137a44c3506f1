import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { inTransaction } from "@/lib/db/transaction";
import { readEventsAbout } from "@/lib/ledger/read";
import { newId } from "@/lib/platform/ids";
import { lockRequest, type LockedRequest } from "@/lib/requests/data";
import { decideRequest } from "@/lib/requests/decision";
import { reroute } from "./routing";
import { placeFor } from "./rules";

/*
 * Who may decide: every combination of role, relation to the asking side, way of being asked, group and what became of it after
 * submit, on the real database. What is expected is the rule in plain words (`mayDecide`), over the description of the case and
 * never over what the code under test reads.
 */

/** What somebody holds when they vote. */
const roles = ["approver", "owner", "requester", "approver, but left"] as const;
const groups = ["team", "on-call", "person", "owning team"] as const;
const ways = ["in it", "delegate of one in it", "stands in for one in it", "in another one of the same name", "nowhere"] as const;
const courses = ["since before submit", "only since after submit", "only until after submit"] as const;
const sides = [
  "none", "requester", "owner until after submit", "owner since after submit", "sponsor", "backup", "creator", "made for",
  "delegate of the requester", "delegate of the requester until after submit", "delegate of the requester until before submit",
  "stands in for the backup", "delegate of the owner since after submit",
] as const;

type Case = { readonly role: (typeof roles)[number]; readonly group: (typeof groups)[number]; readonly way: (typeof ways)[number]; readonly course: (typeof courses)[number]; readonly side: (typeof sides)[number] };

/** The rule, in plain words. */
function mayDecide({ role, way, course, side }: Omit<Case, "group">): boolean {
  if (role === "requester" || role === "approver, but left") return false;
  if (side !== "none" && side !== "delegate of the requester until before submit") return false;
  if (way === "nowhere" || way === "in another one of the same name") return false;
  return course !== "only until after submit";
}

type Shape = Pick<Case, "role" | "way" | "course">;
type Candidate = Omit<Case, "group"> & { readonly personId: string };
/** One request with a stage for each group that is put together like this. */
type Scenario = { readonly requestId: string; readonly candidates: readonly Candidate[]; readonly stages: readonly Asking[] };
type Asking = { readonly group: Case["group"]; readonly stageId: string };

const hour = 3_600_000;
const submittedAt = new Date(Date.now() - 2 * hour);
const at = (hours: number) => new Date(Date.now() + hours * hour);
const [before, past, future] = [at(-3), at(-1), at(48)];

/** Rows that are written at once. */
const start = {
  people: [] as Prisma.PersonCreateManyInput[], roles: [] as Prisma.PersonRoleCreateManyInput[], teams: [] as Prisma.TeamCreateManyInput[],
  members: [] as Prisma.TeamMemberCreateManyInput[], onCall: [] as Prisma.OnCallCreateManyInput[], absences: [] as Prisma.AbsenceCreateManyInput[],
  delegations: [] as Prisma.DelegationCreateManyInput[], entitlements: [] as Prisma.EntitlementCreateManyInput[], identities: [] as Prisma.IdentityCreateManyInput[],
  requests: [] as Prisma.RequestCreateManyInput[], items: [] as Prisma.RequestEntitlementCreateManyInput[], stages: [] as Prisma.StageCreateManyInput[],
};
/** What happens after submit: rows that come, rows that end, names and owners that change. */
const then = {
  onCall: [] as Prisma.OnCallCreateManyInput[], members: [] as Prisma.TeamMemberCreateManyInput[], absences: [] as Prisma.AbsenceCreateManyInput[],
  delegations: [] as Prisma.DelegationCreateManyInput[], over: [] as string[], left: [] as string[], outOf: [] as { teamId: string; personId: string }[],
  renamed: [] as { id: string; name: string }[], owners: [] as { id: string; ownerId: string }[],
};
const systemId = newId();

function person(name: string, role: string | null): string {
  const id = newId();
  start.people.push({ id, issuer: "https://login.example.com", subject: id, name, createdAt: before });
  if (role) start.roles.push({ personId: id, role, since: before });
  return id;
}

function team(name: string): string {
  const id = newId();
  start.teams.push({ id, name });
  return id;
}

/** Puts somebody into a group for good, from later on, or until later. */
function put(kind: Case["group"], groupId: string, personId: string, course: Case["course"]): void {
  const [begins, ends] = [course === "only since after submit", course === "only until after submit"];
  if (kind === "on-call") {
    start.members.push({ teamId: groupId, personId });
    const shift = { id: newId(), teamId: groupId, personId, fromAt: before, untilAt: future, setAt: before };
    (begins ? then : start).onCall.push(shift);
    if (ends) then.over.push(shift.id);
  } else {
    const member = { teamId: groupId, personId };
    (begins ? then : start).members.push(member);
    if (ends) then.outOf.push(member);
  }
}

/** Lets somebody act for somebody: as a delegate, or standing in. */
function act(kind: "delegate" | "stand-in", personId: string, forId: string, { fromAt, untilAt }: { fromAt: Date; untilAt: Date }, into: typeof start | typeof then = start): string {
  const id = newId();
  if (kind === "delegate") into.delegations.push({ id, personId: forId, delegateId: personId, fromAt, untilAt, setAt: before });
  else into.absences.push({ id, personId: forId, standInId: personId, fromAt, untilAt, setAt: before });
  return id;
}

function actInGroup(kind: "delegate" | "stand-in", personId: string, holderId: string, course: Case["course"]): void {
  const begins = course === "only since after submit";
  const id = act(kind, personId, holderId, { fromAt: begins ? past : before, untilAt: future }, begins ? then : start);
  if (course === "only until after submit") then.over.push(id);
}

/** Whom a request asks by id cannot be changed afterwards, and who is nowhere has no course: those combinations do not exist. */
const exists = (group: Case["group"], { way, course }: Shape) => course === "since before submit" || !(way === "nowhere" || (group === "person" && (way === "in it" || way === "in another one of the same name")));

/** One request with a candidate for every relation to its side, who is asked in the same way in every kind of group. */
function scenario(shape: Shape): Scenario {
  const candidates = sides.map((side): Candidate => {
    const personId = person("Candidate", shape.role === "approver, but left" ? "approver" : shape.role);
    if (shape.role === "approver, but left") then.left.push(personId);
    return { ...shape, side, personId };
  });
  const made = groups.filter((group) => exists(group, shape)).map((group) => ({ group, ...assemble(group, shape, candidates) }));
  return { candidates, ...ask(candidates, made) };
}

type Assembled = { readonly groupId: string; readonly named: readonly string[] };

/** A group with somebody in it, and the candidates where they belong. */
function assemble(group: Case["group"], shape: Shape, candidates: readonly Candidate[]): Assembled {
  const name = `g ${newId()}`;
  const groupId = team(name);
  const namesakeId = team(`${name} too`);
  // The name goes from one to the other after submit: whoever compares names is now led astray.
  then.renamed.push({ id: groupId, name: `${name} before` }, { id: namesakeId, name });
  const holderId = person(`Holder ${name}`, "approver");
  put(group === "person" ? "team" : group, groupId, holderId, "since before submit");
  const named: string[] = group === "person" ? [holderId] : [];
  for (const { personId } of candidates) {
    if (shape.way === "in it" && group === "person") named.push(personId);
    else if (shape.way === "in it") put(group, groupId, personId, shape.course);
    if (shape.way === "in another one of the same name" && group !== "person") put(group, namesakeId, personId, shape.course);
    if (shape.way === "delegate of one in it") actInGroup("delegate", personId, holderId, shape.course);
    if (shape.way === "stands in for one in it") actInGroup("stand-in", personId, holderId, shape.course);
  }
  return { groupId, named };
}

function ask(candidates: readonly Candidate[], made: readonly (Assembled & { readonly group: Case["group"] })[]): Omit<Scenario, "candidates"> {
  const who = (side: Case["side"]) => candidates.find((candidate) => candidate.side === side)?.personId ?? "";
  const [requesterId, ownerId, sponsorId, backupId] = [who("requester"), who("owner until after submit"), who("sponsor"), who("backup")];
  const [identityId, entitlementId, requestId] = [newId(), newId(), newId()];
  const common = { kind: "bot", environment: "test", state: "active", source: "seed", firstSeenAt: before, lastSeenAt: before };
  start.identities.push({ id: identityId, name: identityId, ...common, ownerId, sponsorId, backupId, creatorId: who("creator") });
  then.owners.push({ id: identityId, ownerId: who("owner since after submit") });
  act("delegate", who("delegate of the requester"), requesterId, { fromAt: before, untilAt: future });
  act("delegate", who("delegate of the requester until after submit"), requesterId, { fromAt: before, untilAt: past });
  act("delegate", who("delegate of the requester until before submit"), requesterId, { fromAt: at(-20), untilAt: before });
  act("stand-in", who("stands in for the backup"), backupId, { fromAt: before, untilAt: future });
  act("delegate", who("delegate of the owner since after submit"), ownerId, { fromAt: past, untilAt: future }, then);
  start.entitlements.push({
    id: entitlementId, systemId, name: entitlementId, description: "x", target: {}, actions: [], sensitivity: "medium", purposes: ["fix"], createdAt: before,
    resourceTeamId: made.find(({ group }) => group === "owning team")?.groupId ?? null,
  });
  start.requests.push({
    id: requestId, requesterId, madeForId: who("made for"), identityId, purpose: "fix", durationSeconds: 60, grantedDurationSeconds: 60, state: "pending", submittedAt, decideBefore: future,
  });
  start.items.push({ requestId, entitlementId });
  const stages = made.map(({ group, groupId, named }): Asking => {
    const stageId = newId();
    const asked = {
      team: [{ kind: "team", id: groupId }],
      "on-call": [{ kind: "on-call", id: groupId }],
      person: named.map((id) => ({ kind: "person", id })),
      "owning team": [{ kind: "resource-owner", entitlementIds: [entitlementId] }],
    }[group];
    start.stages.push({ id: stageId, requestId, position: 0, label: group, source: "team:x", groups: asked, needed: 1, state: "open", openedAt: submittedAt });
    return { group, stageId };
  });
  return { requestId, stages };
}

const shapes = roles.flatMap((role) => ways.flatMap((way) => courses.map((course) => ({ role, way, course })))).filter((shape) => groups.some((group) => exists(group, shape)));
const combinations = shapes.flatMap((shape) => groups.filter((group) => exists(group, shape))).length * sides.length;
const scenarios: Scenario[] = [];
const judged = new Map<string, LockedRequest>();

async function judge(requestId: string): Promise<LockedRequest> {
  return inTransaction(async (tx, now) => {
    const request = await lockRequest(tx, requestId);
    if (!request) throw new TypeError("no request");
    return reroute(tx, request, now);
  });
}

async function together<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  await Promise.all(Array.from({ length: 6 }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  }));
}

beforeAll(async () => {
  scenarios.push(...shapes.map(scenario));
  await db.system.create({ data: { id: systemId, name: systemId, connector: "files@1", environment: "test", config: {}, createdAt: before } });
  await db.person.createMany({ data: start.people });
  await db.personRole.createMany({ data: start.roles });
  await db.team.createMany({ data: start.teams });
  await db.teamMember.createMany({ data: start.members });
  await db.onCall.createMany({ data: start.onCall });
  await db.absence.createMany({ data: start.absences });
  await db.delegation.createMany({ data: start.delegations });
  await db.identity.createMany({ data: start.identities });
  await db.entitlement.createMany({ data: start.entitlements });
  await db.request.createMany({ data: start.requests });
  await db.requestEntitlement.createMany({ data: start.items });
  await db.stage.createMany({ data: start.stages });
  // As it was at submit; then what happens; then as it is at the vote.
  await together(scenarios, ({ requestId }) => judge(requestId));
  await happenThen();
  await together(scenarios, async ({ requestId }) => judged.set(requestId, await judge(requestId)));
});

async function happenThen(): Promise<void> {
  const over = { where: { id: { in: then.over } }, data: { untilAt: past } };
  await db.onCall.updateMany(over);
  await db.absence.updateMany(over);
  await db.delegation.updateMany(over);
  await db.teamMember.deleteMany({ where: { OR: then.outOf } });
  await db.person.updateMany({ where: { id: { in: then.left } }, data: { leftAt: past } });
  await db.teamMember.createMany({ data: then.members });
  await db.onCall.createMany({ data: then.onCall });
  await db.absence.createMany({ data: then.absences });
  await db.delegation.createMany({ data: then.delegations });
  for (const { id, name } of then.renamed) await db.team.update({ where: { id }, data: { name } });
  for (const { id, ownerId } of then.owners) await db.identity.update({ where: { id }, data: { ownerId } });
}

type Judged = { readonly candidate: Case & { readonly personId: string }; readonly request: LockedRequest };

/** Every candidate before each stage, as if it were the only one. */
const cases = (): Judged[] =>
  scenarios.flatMap(({ requestId, candidates, stages }) => {
    const request = judged.get(requestId);
    if (!request) return [];
    return stages.flatMap(({ group, stageId }) => {
      const alone = { ...request, stages: request.stages.filter(({ id }) => id === stageId) };
      return candidates.map((candidate) => ({ candidate: { ...candidate, group }, request: alone }));
    });
  });

const words = ({ personId: _, ...rest }: Candidate & { readonly group?: Case["group"] }) => Object.values(rest).join(" · ");
const voteAs = (request: LockedRequest, personId: string) => placeFor(request, { personId, now: new Date() });

describe("who may decide", () => {
  it("is who the rule in plain words says, in every combination", () => {
    const wrong = cases().filter(({ candidate, request }) => voteAs(request, candidate.personId).ok !== mayDecide(candidate));
    expect(wrong.map(({ candidate }) => words(candidate))).toEqual([]);
    expect(cases()).toHaveLength(combinations);
    expect(combinations).toBe(2_496);
    expect(cases().filter(({ candidate }) => mayDecide(candidate)).length).toBeGreaterThan(80);
  });

  it("says of the asking side that it is that, whatever else would stand against it", () => {
    const onSide = cases().filter(({ candidate: { side } }) => side !== "none" && side !== "delegate of the requester until before submit");
    const wrong = onSide.filter(({ candidate, request }) => {
      const place = voteAs(request, candidate.personId);
      return place.ok || place.code !== "own-side";
    });
    expect(wrong.map(({ candidate }) => words(candidate))).toEqual([]);
  });

  it("is nobody yet in a later stage, and nobody twice", () => {
    const wrong = cases().filter(({ candidate, request }) => {
      if (!mayDecide(candidate)) return false;
      const { personId } = candidate;
      const waits = { ...request, stages: request.stages.map((stage) => ({ ...stage, state: "waiting" as const })) };
      const first = request.stages.map((stage) => ({ ...stage, id: "earlier", state: "approved" as const, votes: [{ personId, seatOfId: personId }] }));
      const [later, again] = [voteAs(waits, personId), voteAs({ ...request, stages: [...first, ...request.stages] }, personId)];
      return later.ok || later.code !== "not-your-turn" || again.ok || again.code !== "already-voted";
    });
    expect(wrong.map(({ candidate }) => words(candidate))).toEqual([]);
  });

  it("is the same for a vote that is really cast", async () => {
    const wrong: string[] = [];
    let cast = 0;
    await together(scenarios.map((one, index) => ({ ...one, index })), async ({ requestId, candidates, index }) => {
      // Several of each request, until one of them ends it: every relation to the side gets its turn.
      const turns = [0, 3, 6, 9].flatMap((step) => candidates[(index + step) % candidates.length] ?? []);
      for (const candidate of turns) {
        const actor = { kind: "person", personId: candidate.personId, name: "x", roles: [] } as const;
        const answer = await decideRequest({ actor, requestId, answer: "deny", reason: "Not like this", version: 1, durationSeconds: 60 });
        const { state } = await db.request.findUniqueOrThrow({ where: { id: requestId }, select: { state: true } });
        const may = mayDecide(candidate);
        if (answer.ok !== may || state !== (may ? "denied" : "pending")) wrong.push(words(candidate));
        cast += 1;
        if (state !== "pending") break;
      }
    });
    expect(cast).toBeGreaterThan(150);
    expect(wrong).toEqual([]);
  });

  it("is asked again without a change: nothing is written", async () => {
    const waiting = scenarios.filter((_, index) => index % 3 === 0);
    let asked = 0;
    for (const { requestId } of waiting) {
      const seen = async () => ({ members: await db.stageMember.findMany({ where: { stage: { requestId } } }), told: (await readEventsAbout("request", requestId)).length });
      if ((await db.request.findUniqueOrThrow({ where: { id: requestId } })).state !== "pending") continue;
      const earlier = await seen();
      await judge(requestId);
      expect(await seen()).toEqual(earlier);
      asked += 1;
    }
    expect(asked).toBeGreaterThan(10);
  });
});
