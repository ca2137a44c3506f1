import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { lockGrant } from "@/lib/grants/data";
import { markEnding } from "@/lib/grants/ending";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { ticketRefusals } from "./binding";
import { parseChangeState, readLocalTicket, sideOfChange } from "./data";
import { localPrefix, whyNotApproveChange, whyNotCloseChange } from "./rules";
import type { RegisterChange } from "./schema";
import type { ChangeRefusal, ChangeState } from "./types";

type Changed = { readonly changeId: string; readonly key: string; readonly state: ChangeState };

/** Registers a change in the register inside, as a draft of its author. */
export async function registerChange({ actor, ...form }: RegisterChange & { readonly actor: PersonActor }): Promise<Result<Changed, ChangeRefusal>> {
  const scan = await findSecrets(`${form.title}\n${form.description}`);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now) => {
    if ((await tx.system.count({ where: { id: { in: form.systemIds } } })) !== new Set(form.systemIds).size) return refuse("unknown-system");
    if ((await tx.identity.count({ where: { id: { in: form.identityIds } } })) !== new Set(form.identityIds).size) return refuse("unknown-identity");
    const id = newId();
    const row = await tx.localChange.create({ data: { ...form, id, state: "draft", authorId: actor.personId, createdAt: now }, select: { number: true } });
    const key = `${localPrefix}${row.number}`;
    await appendEvent(tx, {
      type: "ticket.change-registered",
      at: now,
      actor,
      subjects: {},
      data: { changeId: id, ticketKey: key, windowFrom: form.windowFrom?.toISOString() ?? null, windowUntil: form.windowUntil?.toISOString() ?? null, systemIds: form.systemIds, identityIds: form.identityIds },
      clear: { title: form.title, description: form.description },
    });
    return ok({ changeId: id, key, state: "draft" as const });
  });
}

async function lockChange(tx: Transaction, id: string) {
  await tx.$queryRaw`select id from local_changes where id = ${id}::uuid for update`;
  const row = await tx.localChange.findUnique({ where: { id } });
  return row ? { ...row, state: parseChangeState(row.state) } : null;
}

type OnChange = { readonly actor: PersonActor; readonly changeId: string };

/** Gives a draft to others to approve; from now on its text stands. */
export function submitChange({ actor, changeId }: OnChange): Promise<Result<Changed, ChangeRefusal>> {
  return inTransaction(async (tx, now) => {
    const change = await lockChange(tx, changeId);
    if (!change) return refuse("unknown-change");
    if (change.authorId !== actor.personId) return refuse("not-yours");
    if (change.state !== "draft") return refuse("not-draft");
    return settle(tx, change, { actor, now, state: "waiting", type: "ticket.change-submitted" });
  });
}

/** Approves a change: a second person, off the side that asks, judged again under the change's lock. */
export function approveChange({ actor, changeId }: OnChange): Promise<Result<Changed, ChangeRefusal>> {
  return inTransaction(async (tx, now) => {
    const change = await lockChange(tx, changeId);
    if (!change) return refuse("unknown-change");
    const askingSide = await sideOfChange(tx, change);
    const why = whyNotApproveChange({ ...change, askingSide }, { id: actor.personId, mayApprove: await mayStillApprove(tx, actor.personId) });
    if (why) return refuse(why);
    return settle(tx, change, { actor, now, state: "approved", type: "ticket.change-approved" });
  });
}

/** Closes a change, at any time. Every session that lives on it ends in the same transaction. */
export function closeChange({ actor, changeId }: OnChange): Promise<Result<Changed, ChangeRefusal>> {
  return inTransaction(async (tx, now) => {
    const change = await lockChange(tx, changeId);
    if (!change) return refuse("unknown-change");
    const why = whyNotCloseChange(change, { id: actor.personId, mayApprove: await mayStillApprove(tx, actor.personId) });
    if (why) return refuse(why);
    const closed = await settle(tx, change, { actor, now, state: "closed", type: "ticket.change-closed" });
    const live = await tx.grant.findMany({
      where: { state: "active", demo: false, request: { ticketLink: { ticket: { key: String(change.number), provider: { kind: "local" } } } } },
      select: { id: true },
      orderBy: { id: "asc" },
    });
    for (const { id } of live) {
      const grant = await lockGrant(tx, id);
      if (grant?.state !== "active") continue;
      await ticketRefusals(tx, grant.requestId, { moment: "recheck", actor, now, grantId: id });
      await markEnding(tx, grant, { via: "end", reason: "ticket-closed", actor, now });
    }
    return closed;
  });
}

/** The roles are read again: they may be gone since the page was drawn. */
async function mayStillApprove(tx: Transaction, personId: string): Promise<boolean> {
  const person = await tx.person.findUnique({ where: { id: personId }, select: { leftAt: true, roles: { select: { role: true } } } });
  return person !== null && person.leftAt === null && allows(person.roles.map(({ role }) => role), "ticket:approve");
}

type Settling = {
  readonly actor: PersonActor;
  readonly now: Date;
  readonly state: Exclude<ChangeState, "draft">;
  readonly type: "ticket.change-submitted" | "ticket.change-approved" | "ticket.change-closed";
};

async function settle(tx: Transaction, change: { readonly id: string; readonly number: number }, { actor, now, state, type }: Settling): Promise<Result<Changed, never>> {
  const at = { waiting: {}, approved: { approvedById: actor.personId, approvedAt: now }, closed: { closedById: actor.personId, closedAt: now } }[state];
  await tx.localChange.update({ where: { id: change.id }, data: { state, ...at } });
  const key = `${localPrefix}${change.number}`;
  await appendEvent(tx, { type, at: now, actor, subjects: {}, data: { changeId: change.id, ticketKey: key } });
  await storeSeen(tx, String(change.number), now);
  return ok({ changeId: change.id, key, state });
}

/** The register is in the same database: what was just decided is seen at once, by everything that lives on it. */
async function storeSeen(tx: Transaction, key: string, now: Date): Promise<void> {
  const ticket = await tx.ticket.findFirst({ where: { key, provider: { kind: "local" } }, select: { id: true } });
  const read = ticket ? await readLocalTicket(tx, key) : null;
  if (!ticket || !read) return;
  await tx.ticketSnapshot.createMany({ data: [{ ticketId: ticket.id, hash: read.hash, bytes: read.bytes, fetchedAt: now }], skipDuplicates: true });
  await tx.ticket.update({ where: { id: ticket.id }, data: { facts: JSON.parse(JSON.stringify(read.facts)), hash: read.hash, fetchedAt: now } });
}
