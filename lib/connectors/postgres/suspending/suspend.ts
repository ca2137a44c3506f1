import { escapeIdentifier, escapeLiteral } from "pg";
import * as z from "zod";
import type { ConnectorDeps, ResumeReceipt, SuspendOrder, SuspendReceipt } from "../../contract";
import { inTransaction, type Db, type Gate } from "../client";
import type { PostgresConfig } from "../schema";
import { againstResistance, cutSessions } from "../ending/lock-out";
import { holdsMark, markOf, withMark, withoutMark } from "./mark";
import { explainDenied, readRole, requireForeign, requireSame, type TargetRole } from "./role";

export type Suspending = {
  readonly gate: Gate;
  readonly config: PostgresConfig;
  readonly deps: ConnectorDeps;
  /** Curfew's own accounts on the target. */
  readonly accounts: readonly string[];
};

const bounded = "set local statement_timeout = '10s'; set local lock_timeout = '5s'";

type Taken = { readonly role: TargetRole; readonly changed: boolean };

/** Takes the login of a role away and nothing else: password, limits, memberships and rights stay as they are. */
export async function suspendRole(suspending: Suspending, order: SuspendOrder, signal: AbortSignal): Promise<SuspendReceipt> {
  const { gate, deps } = suspending;
  const cuts = order.openConnections === "cut";
  const take = () => gate.use(signal, (db) => takeLogin(db, suspending, order));
  let taken: Taken | null = null;
  // A session that locks its own role is cut while the statement waits for it; never where connections are to be left.
  if (cuts) await againstResistance(gate, [order.targetId], signal, async () => void (taken = await take()), () => isOpenToUs(suspending, order, signal));
  else taken = await take();
  return gate.use(signal, async (db) => receiptOf(db, order, taken, { cuts, at: deps.now, signal }));
}

/** Sessions are cut in advance only where the role may be suspended at all. */
async function isOpenToUs({ gate, accounts }: Suspending, order: SuspendOrder, signal: AbortSignal): Promise<boolean> {
  const role = await gate.use(signal, (db) => readRole(db, order.targetId));
  return role !== null && !role.superuser && !accounts.includes(role.name);
}

type Counting = { readonly cuts: boolean; readonly at: () => Date; readonly signal: AbortSignal };

async function receiptOf(db: Db, order: SuspendOrder, taken: Taken | null, { cuts, at, signal }: Counting): Promise<SuspendReceipt> {
  const cut = cuts ? ((await cutSessions(db, [order.targetId], signal)).get(order.targetId) ?? 0) : 0;
  return {
    name: taken?.role.name ?? null,
    acceptedAt: at(),
    changed: taken?.changed ?? false,
    sessionsCut: cut,
    sessionsLeft: cuts ? 0 : await countSessions(db, order.targetId),
    alreadyGone: taken === null,
  };
}

/** Connections that are open under this role's id. */
export async function countSessions(db: Db, targetId: string): Promise<number> {
  const { open } = await db.one(z.object({ open: z.number() }), "select count(*)::int as open from pg_stat_activity where usesysid = $1::oid", [targetId]);
  return open;
}

async function takeLogin(db: Db, { gate, deps, accounts }: Suspending, order: SuspendOrder): Promise<Taken | null> {
  const { installationId } = deps;
  const mark = markOf(installationId, order.orderId);
  return inTransaction(db, bounded, async () => {
    const role = await readRole(db, order.targetId);
    if (role === null) return null;
    requireForeign(role, accounts);
    const isOurs = holdsMark(role.comment, installationId, order.orderId);
    if (!role.canLogIn) return { role, changed: isOurs };
    const name = escapeIdentifier(role.name);
    const comment = isOurs ? (role.comment ?? mark) : withMark(role.comment, mark);
    await db.run(`alter role ${name} nologin; comment on role ${name} is ${escapeLiteral(comment)}`).catch(explainDenied(db, role, gate.user));
    await requireSame(db, role, false);
    deps.reached?.("suspend-uncommitted");
    return { role, changed: true };
  });
}

/** Gives the login back if it was this order that took it. Without its mark, somebody on the target decided otherwise. */
export async function resumeRole({ gate, deps }: Suspending, order: SuspendOrder, signal: AbortSignal): Promise<ResumeReceipt> {
  const leftAsIs = await gate.use(signal, (db) =>
    inTransaction(db, bounded, async () => {
      const role = await readRole(db, order.targetId);
      if (role === null) return "it is gone from the target";
      if (!holdsMark(role.comment, deps.installationId, order.orderId)) {
        return role.canLogIn ? null : "its login was not taken by this order, or somebody on the target decided to keep it away";
      }
      const name = escapeIdentifier(role.name);
      const comment = withoutMark(role.comment);
      const text = comment === null ? "null" : escapeLiteral(comment);
      await db.run(`alter role ${name} login; comment on role ${name} is ${text}`).catch(explainDenied(db, role, gate.user));
      await requireSame(db, role, true);
      return null;
    }),
  );
  return { acceptedAt: deps.now(), restored: leftAsIs === null, leftAsIs };
}
