import "server-only";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { AppError } from "@/lib/platform/errors";
import { newId } from "@/lib/platform/ids";
import { enqueueReroute } from "@/lib/worker/enqueue";
import { readGroup } from "./data";
import { groupChanges } from "./patch";
import { mostMembers, type PatchOperation } from "./schema";
import { directory } from "./stops";
import type { GroupChange, ScimRefusal, ScimResult, StoredGroup } from "./types";

type Given = { readonly displayName: string; readonly externalId: string | null; readonly members: readonly string[] };

const refused = (refusal: ScimRefusal): { ok: false; refusal: ScimRefusal } => ({ ok: false, refusal });
const unknown = refused({ status: 404, detail: "There is no group with this id." });
const sameExternal = refused({ status: 409, scimType: "uniqueness", detail: "There is a group with this externalId already." });

/**
 * A name for the team that no other team has. Same-named groups stay apart, and a group never takes over a team by its name:
 * policies are written with names, and whoever can name a group must not make itself the one that decides.
 */
async function freeName(tx: Transaction, displayName: string, teamId: string): Promise<string> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('curfew:team-names', 0))`;
  const holder = await tx.team.findUnique({ where: { name: displayName }, select: { id: true } });
  return holder && holder.id !== teamId ? `${displayName} (directory ${teamId.slice(-6)})` : displayName;
}

/** The directory makes a group, and with it a team of its own. */
export function createGroup(given: Given): Promise<ScimResult<StoredGroup>> {
  return inTransaction(async (tx, now) => {
    if (given.externalId !== null && (await tx.scimGroup.count({ where: { externalId: given.externalId } })) > 0) return sameExternal;
    const teamId = newId();
    await tx.team.create({ data: { id: teamId, name: await freeName(tx, given.displayName, teamId) } });
    const { displayName, externalId } = given;
    await tx.scimGroup.create({ data: { teamId, displayName, externalId, createdAt: now, changedAt: now } });
    await appendEvent(tx, { type: "directory.group-linked", at: now, actor: directory, subjects: {}, data: { teamId }, clear: { name: displayName } });
    const added = await add(tx, teamId, given.members, now);
    return added ?? stored(tx, teamId);
  }).catch(asRefusal);
}

async function stored(tx: Transaction, id: string): Promise<ScimResult<StoredGroup>> {
  const group = await readGroup(tx, id);
  if (!group) throw new AppError("integrity", "a group just written is not there");
  return { ok: true, value: group };
}

/** A refusal in the middle of several changes takes back all of them. */
class Refused extends AppError {
  override readonly name = "Refused";
  readonly refusal: ScimRefusal;
  constructor(refusal: ScimRefusal) {
    super("forbidden", refusal.detail);
    this.refusal = refusal;
  }
}

function asRefusal(error: unknown): { ok: false; refusal: ScimRefusal } {
  if (error instanceof Refused) return refused(error.refusal);
  throw error;
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Members by id, who must be users of the directory. */
async function knownIds(tx: Transaction, ids: readonly string[]): Promise<string[]> {
  const shaped = [...new Set(ids.filter((id) => uuidShape.test(id)))];
  const rows = await tx.scimUser.findMany({ where: { personId: { in: shaped }, deletedAt: null }, select: { personId: true } });
  return rows.map(({ personId }) => personId);
}

async function add(tx: Transaction, teamId: string, ids: readonly string[], now: Date): Promise<null> {
  const wanted = [...new Set(ids)];
  const known = await knownIds(tx, wanted);
  if (known.length < wanted.length) {
    throw new Refused({ status: 400, scimType: "invalidValue", detail: `${wanted.length - known.length} of the members are no users here. Nothing was changed.` });
  }
  const present = await tx.teamMember.findMany({ where: { teamId }, select: { personId: true }, take: mostMembers + 1 });
  const fresh = known.filter((id) => !present.some(({ personId }) => personId === id));
  if (present.length + fresh.length > mostMembers) {
    throw new Refused({ status: 400, scimType: "tooMany", detail: `A group holds at most ${mostMembers} members. Nothing was changed.` });
  }
  await tx.teamMember.createMany({ data: fresh.map((personId) => ({ teamId, personId })), skipDuplicates: true });
  for (const personId of fresh) {
    await appendEvent(tx, { type: "person.joined-team", at: now, actor: directory, subjects: { person: personId }, data: { personId, teamId } });
  }
  if (fresh.length > 0) await enqueueReroute(tx, { teamIds: [teamId] });
  return null;
}

async function removeMembers(tx: Transaction, teamId: string, ids: readonly string[] | "all", now: Date): Promise<void> {
  const where = ids === "all" ? { teamId } : { teamId, personId: { in: ids.filter((id) => uuidShape.test(id)) } };
  const gone = await tx.teamMember.findMany({ where, select: { personId: true }, take: mostMembers });
  await tx.teamMember.deleteMany({ where });
  for (const { personId } of gone) {
    await appendEvent(tx, { type: "person.left-team", at: now, actor: directory, subjects: { person: personId }, data: { personId, teamId } });
  }
  if (gone.length > 0) await enqueueReroute(tx, { teamIds: [teamId] });
}

async function replaceMembers(tx: Transaction, teamId: string, ids: readonly string[], now: Date): Promise<void> {
  const present = await tx.teamMember.findMany({ where: { teamId }, select: { personId: true }, take: mostMembers });
  await removeMembers(tx, teamId, present.map(({ personId }) => personId).filter((id) => !ids.includes(id)), now);
  await add(tx, teamId, ids, now);
}

async function make(tx: Transaction, teamId: string, change: GroupChange, now: Date): Promise<void> {
  switch (change.kind) {
    case "rename":
      await tx.team.update({ where: { id: teamId }, data: { name: await freeName(tx, change.displayName, teamId) } });
      await tx.scimGroup.update({ where: { teamId }, data: { displayName: change.displayName } });
      return;
    case "external-id": {
      const holder = await tx.scimGroup.findUnique({ where: { teamId }, select: { externalId: true } });
      if (holder?.externalId === change.externalId) return;
      if ((await tx.scimGroup.count({ where: { externalId: change.externalId } })) > 0) throw new Refused(sameExternal.refusal);
      await tx.scimGroup.update({ where: { teamId }, data: { externalId: change.externalId } });
      return;
    }
    case "add":
      await add(tx, teamId, change.members, now);
      return;
    case "remove":
      return removeMembers(tx, teamId, change.members, now);
    case "remove-all":
      return removeMembers(tx, teamId, "all", now);
    case "replace":
      return replaceMembers(tx, teamId, change.members, now);
    case "nothing":
      return;
  }
}

function changeGroup(id: string, changes: readonly GroupChange[]): Promise<ScimResult<StoredGroup>> {
  return inTransaction(async (tx, now): Promise<ScimResult<StoredGroup>> => {
    await tx.$queryRaw`select team_id from scim_groups where team_id = ${id}::uuid for update`;
    if (!(await readGroup(tx, id, false))) return unknown;
    for (const change of changes) await make(tx, id, change, now);
    await tx.scimGroup.update({ where: { teamId: id }, data: { changedAt: now } });
    return stored(tx, id);
  }).catch(asRefusal);
}

/** PUT: name and members are as the directory says now. */
export function replaceGroup(id: string, { displayName, externalId, members }: Given): Promise<ScimResult<StoredGroup>> {
  const external: GroupChange[] = externalId === null ? [] : [{ kind: "external-id", externalId }];
  return changeGroup(id, [{ kind: "rename", displayName }, ...external, { kind: "replace", members }]);
}

/** PATCH: everything or nothing. */
export function changeGroupBy(id: string, operations: readonly PatchOperation[]): Promise<ScimResult<StoredGroup>> {
  const changes = groupChanges(operations);
  return changes.ok ? changeGroup(id, changes.value) : Promise.resolve(changes);
}

/** DELETE: the team stays, since identities and entitlements may name it, and is empty. */
export function removeGroup(id: string): Promise<ScimResult<null>> {
  return inTransaction(async (tx, now): Promise<ScimResult<null>> => {
    await tx.$queryRaw`select team_id from scim_groups where team_id = ${id}::uuid for update`;
    if (!(await readGroup(tx, id, false))) return unknown;
    await removeMembers(tx, id, "all", now);
    await tx.scimGroup.delete({ where: { teamId: id } });
    await appendEvent(tx, { type: "directory.group-removed", at: now, actor: directory, subjects: {}, data: { teamId: id } });
    return { ok: true, value: null };
  });
}
