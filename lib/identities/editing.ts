import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { parseIdentityState } from "./data";
import { lockForAnswering, saveAnswering, type Answering } from "./mutations";
import { cleanTags, whyNotEdit, type EditRefusal } from "./rules";
import type { BulkAnswer, BulkRefusal, IdentityKind, IdentityState } from "./types";

type Details = {
  readonly kind: IdentityKind;
  readonly environment: string;
  readonly description: string | null;
  readonly ownerId: string | null;
  readonly sponsorId: string | null;
  readonly backupId: string | null;
  readonly teamId: string | null;
  readonly vendor: string | null;
  readonly tags: readonly string[];
};

type Edited = { readonly identityId: string; readonly state: IdentityState; readonly changed: readonly string[] };

/** Changes who answers for an identity and what is said about it; answers what it is now. */
export async function editIdentity(command: { actor: PersonActor; identityId: string } & Details): Promise<Result<Edited, EditRefusal>> {
  const { actor, identityId, ...details } = command;
  const secret = await secretIn(details);
  if (secret) return secret;
  return inTransaction(async (tx, now) => {
    const objection = await whyNot(tx, actor, identityId);
    if (objection) return refuse(objection);
    const unknown = await unknownNamed(tx, identityId, details);
    if (unknown) return unknown;
    const changed = await saveAnswering(tx, { identityId, ...details, tags: cleanTags(details.tags) }, { actor, now, demo: false });
    const { state } = await tx.identity.findUniqueOrThrow({ where: { id: identityId }, select: { state: true } });
    return ok({ identityId, state: parseIdentityState(state), changed });
  });
}

/** Registers an identity that no source tells of, with everything that is known about it; whoever enters it is its creator. */
export async function registerByHand(command: { actor: PersonActor; name: string } & Details): Promise<Result<Edited, EditRefusal>> {
  const { actor, name, ...details } = command;
  const secret = await secretIn({ ...details, name });
  if (secret) return secret;
  return inTransaction(async (tx, now) => {
    const unknown = await unknownNamed(tx, null, details);
    if (unknown) return unknown;
    const id = newId();
    const { kind, environment } = details;
    await tx.identity.create({ data: { id, name, kind, environment, creatorId: actor.personId, state: "unowned", source: "person", firstSeenAt: now, lastSeenAt: now } });
    await appendEvent(tx, { type: "identity.registered", at: now, actor, subjects: { identity: id }, data: { kind, source: "person" }, clear: { name } });
    const changed = await saveAnswering(tx, { identityId: id, ...details, tags: cleanTags(details.tags) }, { actor, now, demo: false });
    const { state } = await tx.identity.findUniqueOrThrow({ where: { id }, select: { state: true } });
    return ok({ identityId: id, state: parseIdentityState(state), changed });
  });
}

async function secretIn({ description, vendor, tags, name }: Details & { name?: string }) {
  const scan = await findSecrets([name, description, vendor, ...tags].filter(Boolean).join("\n"));
  return scan.found ? refuse("secret-in-text", { kinds: scan.kinds.join(", ") }) : null;
}

/** Locks the identity and says why this person may not change it. */
async function whyNot(tx: Transaction, actor: PersonActor, identityId: string): Promise<EditRefusal | null> {
  await lockForAnswering(tx, identityId);
  const row = await tx.identity.findUnique({ where: { id: identityId }, select: { state: true, ownerId: true, sponsorId: true, backupId: true } });
  if (!row) return "unknown-identity";
  const mayEditAny = allows(actor.roles, "identity:edit-any");
  return whyNotEdit({ ...row, state: parseIdentityState(row.state) }, { personId: actor.personId, mayEditAny });
}

type Named = Pick<Details, "ownerId" | "sponsorId" | "backupId" | "teamId">;

/** Who is newly named must be there and must not have left; who already answers for it may stay named. */
async function unknownNamed(tx: Transaction, identityId: string | null, named: Partial<Named>) {
  const before = identityId ? await tx.identity.findUnique({ where: { id: identityId }, select: { ownerId: true, sponsorId: true, backupId: true } }) : null;
  const kept = before ? [before.ownerId, before.sponsorId, before.backupId] : [];
  for (const id of [named.ownerId, named.sponsorId, named.backupId]) {
    if (!id || kept.includes(id)) continue;
    const person = await tx.person.findUnique({ where: { id }, select: { name: true, leftAt: true } });
    if (!person) return refuse("unknown-person");
    if (person.leftAt !== null) return refuse("person-left", { name: person.name });
  }
  if (named.teamId && !(await tx.team.findUnique({ where: { id: named.teamId }, select: { id: true } }))) return refuse("unknown-team");
  return null;
}

type Many = { readonly actor: PersonActor; readonly ids: readonly string[]; readonly isPreview: boolean };

/** Names an owner, a sponsor or both for many identities. A preview says what would happen and changes nothing. */
export function answerForMany({ ownerId, sponsorId, ...many }: Many & { ownerId: string | null; sponsorId: string | null }): Promise<Result<BulkAnswer, EditRefusal>> {
  const change = { ...(ownerId ? { ownerId } : {}), ...(sponsorId ? { sponsorId } : {}) };
  return changeMany(many, () => change, change);
}

/** Adds tags to many identities; those that they have stay. */
export async function tagMany({ tags, ...many }: Many & { tags: readonly string[] }): Promise<Result<BulkAnswer, EditRefusal>> {
  const scan = await findSecrets(tags.join("\n"));
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return changeMany(many, (before) => ({ tags: cleanTags([...before.tags, ...tags]) }), {});
}

/** One transaction per identity: each changes as a whole or says why not, and no lock is held over the others. */
async function changeMany(
  { actor, ids, isPreview }: Many,
  changeOf: (before: { readonly tags: readonly string[] }) => Omit<Answering, "identityId">,
  named: Partial<Named>,
): Promise<Result<BulkAnswer, EditRefusal>> {
  const unknown = await inTransaction((tx) => unknownNamed(tx, null, named));
  if (unknown) return unknown;
  const can: string[] = [];
  const cannot: BulkRefusal[] = [];
  for (const identityId of [...new Set(ids)].sort()) {
    const why = await inTransaction(async (tx, now): Promise<BulkRefusal | null> => {
      const objection = await whyNot(tx, actor, identityId);
      const row = await tx.identity.findUnique({ where: { id: identityId }, select: { name: true, tags: true } });
      if (objection || !row) return { id: identityId, name: row?.name ?? "unknown", why: objection ?? "unknown-identity" };
      if (!isPreview) await saveAnswering(tx, { identityId, ...changeOf(row) }, { actor, now, demo: false });
      return null;
    });
    if (why) cannot.push(why);
    else can.push(identityId);
  }
  return ok({ applied: !isPreview, can, cannot });
}
