import "server-only";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { needsSecondAdministrator } from "@/lib/people/rules";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { AppError } from "@/lib/platform/errors";
import { roles } from "@/lib/auth/permissions";
import { readUser } from "./data";
import { patchUser } from "./patch";
import { emailOf, nameOf, subjectOf } from "./rules";
import type { PatchOperation } from "./schema";
import { directory, leaveByDirectory, lockLeavings, returnByDirectory } from "./stops";
import type { DirectoryActor, ScimRefusal, ScimResult, StoredUser, UserAttributes } from "./types";

const refused = (status: ScimRefusal["status"], scimType: ScimRefusal["scimType"], detail: string): { ok: false; refusal: ScimRefusal } => ({
  ok: false,
  refusal: { status, ...(scimType ? { scimType } : {}), detail },
});
const unknown = refused(404, undefined, "There is no user with this id.");

/** Two users may be written at once; those about one name or one id of the directory wait for each other. */
async function lockNames(tx: Transaction, { userName, externalId }: UserAttributes): Promise<void> {
  for (const key of [`user:${userName.toLowerCase()}`, `external:${externalId ?? ""}`].sort()) {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:scim:${key}`}::text, 0))`;
  }
}

async function taken(tx: Transaction, { userName, externalId }: UserAttributes, exceptId: string | null): Promise<string | null> {
  const rows = await tx.$queryRaw<{ same_name: boolean }[]>`
    select lower(user_name) = lower(${userName}) as same_name from scim_users
    where deleted_at is null and (lower(user_name) = lower(${userName}) or external_id = ${externalId}::text)
      and person_id is distinct from ${exceptId}::uuid limit 1`;
  return rows[0] ? (rows[0].same_name ? "userName" : "externalId") : null;
}

/** What is kept of the attributes beside their own columns. */
const keptOf = ({ displayName, title, name, emails }: UserAttributes) => ({ displayName, title, name, emails: emails.map((email) => ({ ...email })) });

type Found = { id: string; left_at: Date | null; roles: string[] };

/** The person whom this user signs in as, by issuer and subject; locked. Never by an address: addresses are given to others. */
async function personOf(tx: Transaction, subject: string): Promise<Found | null> {
  const rows = await tx.$queryRaw<Found[]>`
    select p.id, p.left_at, array(select r.role from person_roles r where r.person_id = p.id) as roles
    from people p where p.issuer = ${env.oidc.issuer} and p.subject = ${subject} for update of p`;
  return rows[0] ?? null;
}

/** A user name alone is no proof that the directory means this very person, if that person holds what is dangerous to hold. */
function isTakeOver(person: Found, user: UserAttributes): boolean {
  return user.externalId === null && roles.some((role) => needsSecondAdministrator(role) && person.roles.includes(role));
}

/** The directory makes a user: a person who is known by issuer and subject is joined, anybody else becomes known. */
export function createUser(caller: DirectoryActor, user: UserAttributes): Promise<ScimResult<StoredUser>> {
  return inTransaction(async (tx, now) => {
    const administrators = await lockLeavings(tx, caller.id);
    await lockNames(tx, user);
    const field = await taken(tx, user, null);
    if (field) return refused(409, "uniqueness", `There is a user with this ${field} already.`);
    const known = await personOf(tx, subjectOf(user));
    if (known && isTakeOver(known, user)) {
      return refused(409, "uniqueness", "This user name belongs to an administrator or auditor. Send externalId, the subject that the identity provider signs them in with.");
    }
    const personId = known?.id ?? (await makePerson(tx, user, now));
    const row = { ...columnsOf(user), createdAt: now, changedAt: now, deletedAt: null };
    await tx.scimUser.upsert({ where: { personId }, create: { personId, ...row }, update: row });
    if (known) await tx.person.update({ where: { id: personId }, data: { name: nameOf(user), email: emailOf(user) } });
    if (known?.left_at && user.active) await returnByDirectory(tx, { personId, now });
    if (!user.active && !known?.left_at) await leaveByDirectory(tx, { tokenId: caller.id, personId, administrators, now });
    return stored(tx, personId);
  });
}

async function makePerson(tx: Transaction, user: UserAttributes, now: Date): Promise<string> {
  const id = newId();
  const [name, email] = [nameOf(user), emailOf(user)];
  await tx.person.create({ data: { id, issuer: env.oidc.issuer, subject: subjectOf(user), name, email, createdAt: now } });
  await appendEvent(tx, { type: "person.created", at: now, actor: directory, subjects: { person: id }, data: { personId: id }, clear: { name, email } });
  return id;
}

const columnsOf = (user: UserAttributes) => ({ userName: user.userName, externalId: user.externalId, active: user.active, attributes: keptOf(user) });

async function stored(tx: Transaction, id: string): Promise<ScimResult<StoredUser>> {
  const user = await readUser(tx, id);
  if (!user) throw new AppError("integrity", "a user just written is not there");
  return { ok: true, value: user };
}

async function lockUser(tx: Transaction, id: string): Promise<StoredUser | null> {
  await tx.$queryRaw`select id from people where id = ${id}::uuid for update`;
  return readUser(tx, id);
}

type Change = (before: StoredUser) => ScimResult<UserAttributes>;

function changeUser(caller: DirectoryActor, id: string, change: Change): Promise<ScimResult<StoredUser>> {
  return inTransaction(async (tx, now): Promise<ScimResult<StoredUser>> => {
    const administrators = await lockLeavings(tx, caller.id);
    const before = await lockUser(tx, id);
    if (!before) return unknown;
    const changed = change(before);
    if (!changed.ok) return changed;
    const after = changed.value;
    if (before.externalId !== null && after.externalId !== before.externalId) {
      return refused(400, "mutability", "externalId says who signs in as this person, and cannot be changed. Remove the user and make another one.");
    }
    if (await taken(tx, after, id)) return refused(409, "uniqueness", "Another user has this userName or externalId already.");
    await tx.scimUser.update({ where: { personId: id }, data: { ...columnsOf(after), changedAt: now } });
    await tx.person.update({ where: { id }, data: { name: nameOf(after), email: emailOf(after) } });
    if (after.active) await returnByDirectory(tx, { personId: id, now });
    else if (before.active) await leaveIfHere(tx, { tokenId: caller.id, personId: id, administrators, now });
    return stored(tx, id);
  });
}

async function leaveIfHere(tx: Transaction, leaving: Parameters<typeof leaveByDirectory>[1]): Promise<void> {
  const { leftAt } = await tx.person.findUniqueOrThrow({ where: { id: leaving.personId }, select: { leftAt: true } });
  if (leftAt === null) await leaveByDirectory(tx, leaving);
}

/** PUT: the user is as the directory says now. What it leaves out of the ids stays: Okta sends no externalId again. */
export function replaceUser(caller: DirectoryActor, id: string, user: UserAttributes): Promise<ScimResult<StoredUser>> {
  return changeUser(caller, id, (before) => ({ ok: true, value: { ...user, externalId: user.externalId ?? before.externalId } }));
}

/** PATCH. */
export function changeUserBy(caller: DirectoryActor, id: string, operations: readonly PatchOperation[]): Promise<ScimResult<StoredUser>> {
  return changeUser(caller, id, ({ userName, externalId, active, displayName, title, name, emails }) =>
    patchUser({ userName, externalId, active, displayName, title, name, emails }, operations),
  );
}

/** DELETE: the directory does not have this user any more. The person leaves and is kept. */
export function removeUser(caller: DirectoryActor, id: string): Promise<ScimResult<null>> {
  return inTransaction(async (tx, now): Promise<ScimResult<null>> => {
    const administrators = await lockLeavings(tx, caller.id);
    if (!(await lockUser(tx, id))) return unknown;
    await tx.scimUser.update({ where: { personId: id }, data: { active: false, deletedAt: now, changedAt: now } });
    await leaveIfHere(tx, { tokenId: caller.id, personId: id, administrators, now });
    return { ok: true, value: null };
  });
}
