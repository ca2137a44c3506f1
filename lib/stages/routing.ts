import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import type { LockedRequest } from "@/lib/requests/data";
import { sideOf } from "@/lib/requests/rules";
import { tellAbout, tellOpenStages } from "./asking";
import { asksOf, audienceOf } from "./groups";
import { readActedFor, readNextChange, readRemovalReasons, readSeats } from "./data";
import { joinedSide, lapsesAt, missingIn, seatChanges, timesFrom } from "./rules";
import type { AskedSeat, GroupFacts, RemovalReason, Seat, SidePerson } from "./types";

type LockedStage = LockedRequest["stages"][number];
type Change<Row> = Row & { readonly stage: LockedStage };
type Added = Change<AskedSeat>;
type Removed = Change<Seat & { readonly removedWhy: RemovalReason }>;

/** Changes that one event lists; more are a number. */
const mostListed = 100;
const system = (process: "web" | "worker"): Actor => ({ kind: "system", process });

/** What the groups of a request's stages are taken from. */
export function groupFactsOf({ entitlements, identity }: Pick<LockedRequest, "entitlements" | "identity">): GroupFacts {
  return { entitlements: entitlements.map(({ entitlementId, entitlement }) => ({ id: entitlementId, ...entitlement })), identity };
}

/**
 * Brings a waiting request up to who is who at this moment, under its lock: who joined the asking side since submit, who is
 * asked in each stage, and whether anybody is left who can decide. Says what changed; the same again changes nothing.
 */
export async function reroute<Locked extends LockedRequest>(tx: Transaction, request: Locked, now: Date, process: "web" | "worker" = "web"): Promise<Locked> {
  const sided = await withSide(tx, request, now);
  const { request: seated, added, removed } = await withSeats(tx, sided.request, now);
  await sayRerouted(tx, seated, { ...sided, added, removed }, { now, process });
  await tellOpenStages(tx, seated, added.filter(({ stage }) => stage.state === "open").map(({ stage }) => stage.id), now);
  const routed = await withRoute(tx, seated, now, process);
  await noteNextChange(tx, routed, now);
  return routed;
}

/** Whoever joined the asking side since submit is excluded from now on; whoever left it stays excluded. So do those who act for it. */
async function withSide<Locked extends LockedRequest>(tx: Transaction, request: Locked, now: Date): Promise<{ request: Locked; joined: SidePerson[] }> {
  const named = [...request.side, ...joinedSide(request.side, sideOf({ ...request, identities: [request.identity] }))];
  const principals = named.filter(({ why }) => why !== "delegate").map(({ personId }) => personId);
  const acting = await readActedFor(tx, principals, { from: request.submittedAt, until: now });
  const joined = joinedSide(request.side, [...named, ...acting.map((personId) => ({ personId, why: "delegate" as const }))]);
  if (joined.length === 0) return { request, joined };
  await tx.sideMember.createMany({ data: joined.map((entry) => ({ ...entry, requestId: request.id, since: now })), skipDuplicates: true });
  return { request: { ...request, side: [...request.side, ...joined] }, joined };
}

async function withSeats<Locked extends LockedRequest>(tx: Transaction, request: Locked, now: Date): Promise<{ request: Locked; added: Added[]; removed: Removed[] }> {
  const side = request.side.map(({ personId }) => personId);
  const [added, removed]: [Added[], Removed[]] = [[], []];
  const stages: LockedStage[] = [];
  for (const stage of request.stages) {
    if (stage.state !== "open" && stage.state !== "waiting") {
      stages.push(stage);
      continue;
    }
    const { seats, asks } = await wantedSeats(tx, request, stage, { side, now });
    const changes = seatChanges(stage.seats, seats);
    for (const seat of changes.added) added.push({ ...seat, why: seat.why === "asked" ? "joined" : seat.why, stage });
    for (const seat of await readRemovalReasons(tx, changes.removed, side)) removed.push({ ...seat, stage });
    if (asks.join() !== stage.asks.join()) await tx.stage.update({ where: { id: stage.id }, data: { asks } });
    stages.push(changes.added.length + changes.removed.length === 0 ? stage : reseated(stage, seats));
  }
  await saveSeats(tx, added, removed, now);
  return { request: { ...request, stages }, added, removed };
}

function reseated(stage: LockedStage, seats: readonly AskedSeat[]): LockedStage {
  const members = [...new Set(seats.map(({ personId }) => personId))];
  return { ...stage, seats: [...seats], members, everAsked: [...new Set([...stage.everAsked, ...members])] };
}

/** The seats of a stage's groups, and those of its escalation once it has escalated. */
async function wantedSeats(tx: Transaction, request: LockedRequest, stage: LockedStage, { side, now }: { readonly side: readonly string[]; readonly now: Date }) {
  const facts = groupFactsOf(request);
  const audience = audienceOf(stage.groups, facts);
  const seats: AskedSeat[] = await readSeats(tx, audience, { side, now });
  if (stage.escalatedAt === null || stage.escalation === null) return { seats, asks: asksOf(audience, stage.groups) };
  const further = audienceOf(stage.escalation, facts);
  const more = seatChanges(seats, await readSeats(tx, further, { side, now })).added;
  const escalated = more.map((seat) => ({ ...seat, why: seat.why === "asked" ? ("escalated" as const) : seat.why }));
  return { seats: [...seats, ...escalated], asks: [...new Set([...asksOf(audience, stage.groups), ...asksOf(further, stage.escalation)])] };
}

async function saveSeats(tx: Transaction, added: readonly Added[], removed: readonly Removed[], now: Date): Promise<void> {
  for (const { stage, personId, seatOfId, removedWhy } of removed) {
    await tx.stageMember.updateMany({ where: { stageId: stage.id, personId, seatOfId, removedAt: null }, data: { removedAt: now, removedWhy } });
  }
  const data = added.map(({ stage, personId, seatOfId, why }) => ({ stageId: stage.id, personId, seatOfId, why, since: now }));
  if (data.length > 0) await tx.stageMember.createMany({ data, skipDuplicates: true });
}

type Changes = { readonly joined: readonly SidePerson[]; readonly added: readonly Added[]; readonly removed: readonly Removed[] };
type At = { readonly now: Date; readonly process: "web" | "worker" };

async function sayRerouted(tx: Transaction, request: LockedRequest, { joined, ...seats }: Changes, { now, process }: At): Promise<void> {
  // Whoever is excluded is asked no longer; that needs no second word.
  const removed = seats.removed.filter(({ removedWhy }) => removedWhy !== "asking-side");
  if (joined.length + seats.added.length + removed.length === 0) return;
  await appendEvent(tx, {
    type: "request.rerouted",
    at: now,
    actor: system(process),
    subjects: { request: request.id, identity: request.identityId },
    data: {
      excluded: [...new Set(joined.map(({ personId }) => personId))].slice(0, mostListed),
      why: joined.length > 0 ? "joined-the-asking-side" : "groups-changed",
      ...(seats.added.length > 0 ? { added: listed(seats.added.map(({ stage, personId, seatOfId, why }) => ({ stage: stage.position, personId, seatOfId, why }))) } : {}),
      ...(removed.length > 0 ? { removed: listed(removed.map(({ stage, personId, seatOfId, removedWhy }) => ({ stage: stage.position, personId, seatOfId, why: removedWhy }))) } : {}),
    },
    demo: request.demo,
  });
}

function listed<Row>(rows: readonly Row[]): { rows: Row[]; more: number } {
  return { rows: rows.slice(0, mostListed), more: Math.max(0, rows.length - mostListed) };
}

/** Where a stage has nobody left who could fill it, its escalation comes early; with none, the request says that it is stuck, and for how long. */
async function withRoute<Locked extends LockedRequest>(tx: Transaction, request: Locked, now: Date, process: "web" | "worker"): Promise<Locked> {
  const missing = missingIn(request.stages);
  const about = { at: now, actor: system(process), subjects: { request: request.id, identity: request.identityId }, demo: request.demo };
  if (missing === null) {
    if (request.unroutableSince === null) return request;
    await tx.request.update({ where: { id: request.id }, data: { unroutableSince: null } });
    await appendEvent(tx, { type: "request.routable-again", ...about, data: {} });
    return { ...request, unroutableSince: null };
  }
  const escalating = missing.escalates && missing.escalatedAt === null;
  if (escalating) return withRoute(tx, await escalate(tx, request, missing.id, { now, process, why: "nobody-left" }), now, process);
  if (request.unroutableSince !== null) return request;
  await tx.request.update({ where: { id: request.id }, data: { unroutableSince: now } });
  await appendEvent(tx, { type: "request.unroutable", ...about, data: { stage: missing.position, lapsesAt: request.decideBefore.toISOString() } });
  await tellAdministrators(tx, request, now);
  return { ...request, unroutableSince: now };
}

/** Whoever can appoint somebody hears of it, and who asked. */
async function tellAdministrators(tx: Transaction, request: LockedRequest, now: Date): Promise<void> {
  const rows = await tx.person.findMany({ where: { leftAt: null, roles: { some: { role: "administrator" } } }, select: { id: true }, orderBy: { id: "asc" }, take: 50 });
  const people = [...rows.map(({ id }) => id), ...(request.requesterId === null ? [] : [request.requesterId])];
  const outcome = "nobody is left who can decide it: an administrator can appoint somebody, else it lapses";
  await tellAbout(tx, request, { kind: "request-rerouted", people, outcome, now });
}

/** Asks the people of a stage's escalation besides; the stage has its whole time again from now on. */
export async function escalate<Locked extends LockedRequest>(
  tx: Transaction,
  request: Locked,
  stageId: string,
  { now, process, why }: At & { readonly why: "time-over" | "nobody-left" },
): Promise<Locked> {
  const stage = request.stages.find(({ id }) => id === stageId);
  if (!stage || stage.escalatedAt !== null) return request;
  // A stage that has not begun has no time running yet.
  const times = stage.state === "open" ? { ...timesFrom(now, stage), remindedAt: null } : {};
  await tx.stage.update({ where: { id: stageId }, data: { escalatedAt: now, ...times } });
  const marked = { ...stage, ...times, escalatedAt: now };
  const escalated = { ...marked, lapsesAt: lapsesAt(marked) };
  const side = request.side.map(({ personId }) => personId);
  const { seats, asks } = await wantedSeats(tx, request, escalated, { side, now });
  const { added } = seatChanges(stage.seats, seats);
  await saveSeats(tx, added.map((seat) => ({ ...seat, stage })), [], now);
  await tx.stage.update({ where: { id: stageId }, data: { asks } });
  await appendEvent(tx, {
    type: "request.escalated",
    at: now,
    actor: system(process),
    subjects: { request: request.id, identity: request.identityId },
    data: { stage: stage.position, to: stage.escalateTo ?? "", why, added: listed([...new Set(added.map(({ personId }) => personId))]) },
    demo: request.demo,
  });
  const people = added.map(({ personId }) => personId);
  if (stage.state === "open") await tellAbout(tx, request, { kind: "request-escalated", people, now });
  return { ...request, stages: request.stages.map((one) => (one.id === stageId ? reseated(escalated, seats) : one)) };
}

/** A shift, absence or delegation that begins or ends changes who is asked without anybody doing anything then. */
async function noteNextChange(tx: Transaction, request: LockedRequest, now: Date): Promise<void> {
  const asking = request.stages.filter(({ state }) => state === "open" || state === "waiting");
  const facts = groupFactsOf(request);
  const onCall = asking.flatMap((stage) => audienceOf([...stage.groups, ...(stage.escalatedAt ? (stage.escalation ?? []) : [])], facts).onCall);
  const personIds = [...new Set([...asking.flatMap(({ seats }) => seats.map(({ seatOfId }) => seatOfId)), ...request.side.map(({ personId }) => personId)])];
  const rerouteAt = await readNextChange(tx, { personIds, onCall, now });
  if (rerouteAt?.getTime() !== request.rerouteAt?.getTime()) await tx.request.update({ where: { id: request.id }, data: { rerouteAt } });
}
