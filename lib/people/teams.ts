import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { enqueueReroute } from "@/lib/worker/enqueue";
import { whyNotSpan } from "./rules";
import type { TeamRefusal } from "./types";

type Present = { name: string; left_at: Date | null };

/** Locks a person; a code when nothing can be set for them. */
async function lockPresent(tx: Transaction, personId: string): Promise<TeamRefusal | null> {
  const rows = await tx.$queryRaw<Present[]>`select name, left_at from people where id = ${personId}::uuid for update`;
  if (rows.length === 0) return "person-unknown";
  return rows[0]?.left_at ? "already-left" : null;
}

type TeamChange = { readonly actor: PersonActor; readonly personId: string; readonly teamId: string };

/** Who is in a team that a directory fills is the directory's to say. */
async function whyNotChange(tx: Transaction, teamId: string): Promise<TeamRefusal | null> {
  const team = await tx.team.findUnique({ where: { id: teamId }, select: { scimGroup: { select: { teamId: true } } } });
  if (!team) return "team-unknown";
  return team.scimGroup ? "filled-by-directory" : null;
}

/** Puts a person into a team. */
export function addToTeam({ actor, personId, teamId }: TeamChange): Promise<Result<{ joined: true }, TeamRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ joined: true }, TeamRefusal>> => {
    const code = (await lockPresent(tx, personId)) ?? (await whyNotChange(tx, teamId));
    if (code) return refuse(code);
    const { count } = await tx.teamMember.createMany({ data: { teamId, personId }, skipDuplicates: true });
    if (count === 0) return refuse("in-it-already");
    await appendEvent(tx, { type: "person.joined-team", at: now, actor, subjects: { person: personId }, data: { personId, teamId } });
    await enqueueReroute(tx, { personIds: [personId] });
    return ok({ joined: true });
  });
}

/** Takes a person out of a team. */
export function takeFromTeam({ actor, personId, teamId }: TeamChange): Promise<Result<{ left: true }, TeamRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ left: true }, TeamRefusal>> => {
    const code = await whyNotChange(tx, teamId);
    if (code) return refuse(code);
    const { count } = await tx.teamMember.deleteMany({ where: { teamId, personId } });
    if (count === 0) return refuse("not-in-it");
    await appendEvent(tx, { type: "person.left-team", at: now, actor, subjects: { person: personId }, data: { personId, teamId } });
    await enqueueReroute(tx, { personIds: [personId] });
    return ok({ left: true });
  });
}

/** Makes a member of a team its lead, or no longer. Leads are asked when nobody else takes over. */
export function setTeamLead({ actor, personId, teamId, lead }: TeamChange & { readonly lead: boolean }): Promise<Result<{ lead: boolean }, TeamRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ lead: boolean }, TeamRefusal>> => {
    const { count } = await tx.teamMember.updateMany({ where: { teamId, personId, lead: !lead }, data: { lead } });
    if (count === 0) return refuse("not-in-it");
    await appendEvent(tx, { type: "person.team-lead-set", at: now, actor, subjects: { person: personId }, data: { personId, teamId, lead } });
    return ok({ lead });
  });
}

type Span = { readonly from: Date; readonly until: Date };

/** Says that a person is on call for one of their teams. */
export function setOnCall({ actor, personId, teamId, from, until }: TeamChange & Span): Promise<Result<{ onCallId: string }, TeamRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ onCallId: string }, TeamRefusal>> => {
    const code = (await lockPresent(tx, personId)) ?? whyNotSpan({ from, until, now });
    if (code) return refuse(code);
    if ((await tx.teamMember.count({ where: { teamId, personId } })) === 0) return refuse("not-in-it");
    const id = newId();
    await tx.onCall.create({ data: { id, teamId, personId, fromAt: from, untilAt: until, setAt: now } });
    const data = { personId, teamId, from: from.toISOString(), until: until.toISOString() };
    await appendEvent(tx, { type: "person.on-call-set", at: now, actor, subjects: { person: personId }, data });
    await enqueueReroute(tx, { teamIds: [teamId] });
    return ok({ onCallId: id });
  });
}

/** Ends a time on call, or takes it back before it begins. */
export function endOnCall({ actor, onCallId }: { readonly actor: PersonActor; readonly onCallId: string }): Promise<Result<{ ended: true }, TeamRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ ended: true }, TeamRefusal>> => {
    const gone = await tx.$queryRaw<{ person_id: string; team_id: string }[]>`
      delete from on_call where id = ${onCallId}::uuid and until_at > ${now}::timestamptz returning person_id, team_id`;
    const [row] = gone;
    if (!row) return refuse("over-already");
    const data = { personId: row.person_id, teamId: row.team_id };
    await appendEvent(tx, { type: "person.on-call-ended", at: now, actor, subjects: { person: row.person_id }, data });
    await enqueueReroute(tx, { teamIds: [row.team_id] });
    return ok({ ended: true });
  });
}

type Away = Span & { readonly actor: PersonActor; readonly personId: string; readonly standInId: string | null; readonly mayManage: boolean };

/** Says that a person is out of office, and who stands in. People say it of themselves, administrators of anybody. */
export function setOutOfOffice({ actor, personId, standInId, from, until, mayManage }: Away): Promise<Result<{ until: Date }, TeamRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ until: Date }, TeamRefusal>> => {
    if (actor.personId !== personId && !mayManage) return refuse("not-yourself");
    const code = (await lockPresent(tx, personId)) ?? whyNotSpan({ from, until, now });
    if (code) return refuse(code);
    if (standInId !== null) {
      const standIn = await tx.person.findUnique({ where: { id: standInId }, select: { leftAt: true } });
      if (standInId === personId || !standIn || standIn.leftAt !== null) return refuse("stand-in-not-here");
    }
    // One absence at a time: a new one takes the place of what is still to come.
    await endAbsences(tx, personId, now);
    await tx.absence.create({ data: { id: newId(), personId, standInId, fromAt: from, untilAt: until, setAt: now } });
    const data = { personId, standInId, from: from.toISOString(), until: until.toISOString() };
    await appendEvent(tx, { type: "person.out-of-office-set", at: now, actor, subjects: { person: personId }, data });
    await enqueueReroute(tx, { personIds: [personId] });
    return ok({ until });
  });
}

/** What began stays as history, since it is asked later who stood in for whom; what did not begin is gone. Answers how many. */
async function endAbsences(tx: Transaction, personId: string, now: Date): Promise<number> {
  const ended = await tx.absence.updateMany({ where: { personId, fromAt: { lt: now }, untilAt: { gt: now } }, data: { untilAt: now } });
  const gone = await tx.absence.deleteMany({ where: { personId, untilAt: { gt: now } } });
  return ended.count + gone.count;
}

/** Says that a person is back, or does not go. */
export function endOutOfOffice({ actor, personId, mayManage }: Pick<Away, "actor" | "personId" | "mayManage">): Promise<Result<{ ended: true }, TeamRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ ended: true }, TeamRefusal>> => {
    if (actor.personId !== personId && !mayManage) return refuse("not-yourself");
    if ((await endAbsences(tx, personId, now)) === 0) return refuse("over-already");
    await enqueueReroute(tx, { personIds: [personId] });
    await appendEvent(tx, { type: "person.out-of-office-ended", at: now, actor, subjects: { person: personId }, data: { personId } });
    return ok({ ended: true });
  });
}
