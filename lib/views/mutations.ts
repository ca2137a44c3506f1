import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import type { SaveRefusal, ViewList } from "./types";

const mostViews = 50;

type Named = { readonly name: string; readonly query: string; readonly shared: boolean };
type Saved = { readonly viewId: string; readonly name: string; readonly query: string };

/** Views of one person are changed one after the other, so that a name is theirs once and the limit holds. */
async function lockOwn(tx: Transaction, personId: string): Promise<void> {
  await tx.$queryRaw`select 1 as locked from pg_advisory_xact_lock(hashtextextended(${`views ${personId}`}, 0))`;
}

/** Keeps a list as it is, under a name. */
export function saveView({ actor, list, ...named }: { actor: PersonActor; list: ViewList } & Named): Promise<Result<Saved, SaveRefusal>> {
  return inTransaction(async (tx, now) => {
    await lockOwn(tx, actor.personId);
    const own = await tx.savedView.findMany({ where: { personId: actor.personId, list }, select: { name: true } });
    if (own.some(({ name }) => name === named.name)) return refuse("name-taken");
    if (own.length >= mostViews) return refuse("too-many-views");
    const { name, query, shared } = named;
    const view = await tx.savedView.create({ data: { id: newId(), personId: actor.personId, list, name, query, isShared: shared, createdAt: now, changedAt: now } });
    return ok({ viewId: view.id, name, query });
  });
}

/** Changes a view of one's own: its name, what it shows, who sees it. */
export function changeView({ actor, viewId, name, query, shared }: { actor: PersonActor; viewId: string } & Named): Promise<Result<Saved, SaveRefusal>> {
  return inTransaction(async (tx, now) => {
    await lockOwn(tx, actor.personId);
    const view = await tx.savedView.findFirst({ where: { id: viewId, personId: actor.personId } });
    if (!view) return refuse("view-unknown");
    const taken = await tx.savedView.findFirst({ where: { personId: actor.personId, list: view.list, name, id: { not: viewId } }, select: { id: true } });
    if (taken) return refuse("name-taken");
    await tx.savedView.update({ where: { id: viewId }, data: { name, query, isShared: shared, changedAt: now } });
    return ok({ viewId, name, query });
  });
}

/** Deletes a view of one's own; whoever used it as a link keeps the link's own filters. */
export function deleteView({ actor, viewId }: { actor: PersonActor; viewId: string }): Promise<Result<{ viewId: string }, SaveRefusal>> {
  return inTransaction(async (tx) => {
    const { count } = await tx.savedView.deleteMany({ where: { id: viewId, personId: actor.personId } });
    return count === 0 ? refuse("view-unknown") : ok({ viewId });
  });
}
