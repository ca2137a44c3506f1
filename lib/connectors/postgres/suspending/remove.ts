import { escapeIdentifier } from "pg";
import * as z from "zod";
import type { Leftover, RemoveReceipt, SuspendOrder } from "../../contract";
import { ConnectorError } from "../../errors";
import { inTransaction, type Db, type Gate } from "../client";
import { explainConnect, membership, readDependencies, requireAttic, rollBackPrepared } from "../ending/clean-up";
import { cutSessions } from "../ending/lock-out";
import { readBlockers, readMovable } from "./blockers";
import { explainDenied, readRole, type TargetRole } from "./role";
import { suspendRole, type Suspending } from "./suspend";

/**
 * Removes a role for good: first nobody can sign in and its sessions are cut; then, if nobody else depends on it, what it
 * owns goes to the attic, its rights are dropped in every database, and the role too. No table is ever dropped. Where
 * somebody depends on it, it stays suspended by this order, and the refusal says what has to be decided.
 */
export async function removeRole(suspending: Suspending, order: SuspendOrder, signal: AbortSignal): Promise<RemoveReceipt> {
  const { gate, deps } = suspending;
  const cutting: SuspendOrder = { ...order, openConnections: "cut" };
  const { sessionsCut, alreadyGone } = await suspendRole(suspending, cutting, signal);
  const role = await gate.use(signal, (db) => readRole(db, order.targetId));
  if (role === null) return { acceptedAt: deps.now(), sessionsCut, leftovers: [], alreadyGone };
  const databases = await databasesOf(suspending, role, signal);
  await refuseWhereNeeded(gate, role, databases, signal);
  // Tried everywhere and taken back first: what fails in the second database must not have changed hands in the first.
  for (const database of databases) await handOver(suspending, { role, database, keep: false }, signal);
  const leftovers: Leftover[] = [];
  for (const database of databases) leftovers.push(...(await handOver(suspending, { role, database, keep: true }, signal)));
  await gate.use(signal, (db) => dropRole(db, role, gate.user));
  const late = await gate.use(signal, (db) => cutSessions(db, [role.oid], signal));
  return { acceptedAt: deps.now(), sessionsCut: sessionsCut + (late.get(role.oid) ?? 0), leftovers, alreadyGone: false };
}

/** Every database that knows something of the role; what belongs to the whole cluster is looked at from our own. */
async function databasesOf({ gate, config }: Suspending, role: TargetRole, signal: AbortSignal): Promise<string[]> {
  const dependencies = await gate.use(signal, (db) => readDependencies(db, [role.oid]));
  return [...new Set([config.database, ...dependencies.map(({ database }) => database ?? config.database)])];
}

const mostNamed = 12;

async function refuseWhereNeeded(gate: Gate, role: TargetRole, databases: readonly string[], signal: AbortSignal): Promise<void> {
  const found: string[] = [];
  for (const database of databases) {
    const blockers = await gate.use(signal, (db) => readBlockers(db, role.oid), database).catch(explainConnect(gate.user, database));
    found.push(...blockers.map((what) => (what.startsWith("role ") ? what : `${what} (database ${database})`)));
  }
  const all = [...new Set(found)];
  if (all.length === 0) return;
  const named = all.slice(0, mostNamed).join("; ");
  const rest = all.length > mostNamed ? `; and ${all.length - mostNamed} more` : "";
  throw new ConnectorError(
    "in-use",
    `others depend on ${role.name}, which can no longer sign in but was not removed: ${named}${rest}. ` +
      `Give what it owns to another role (REASSIGN OWNED BY ${escapeIdentifier(role.name)} TO …) or take these rights back; removal is tried again by itself`,
    { transient: false },
  );
}

/** Ends the transaction of a mere try; the connection is sound after it. */
class TriedOnly extends ConnectorError {
  constructor() {
    super("aborted", "tried only", { transient: true });
  }
}

type HandOver = { readonly role: TargetRole; readonly database: string; /** False: try it and take it back. */ readonly keep: boolean };

async function handOver({ gate, config }: Suspending, { role, database, keep }: HandOver, signal: AbortSignal): Promise<Leftover[]> {
  const place = { role: { ...role, notAfter: null, marker: null }, label: "", attic: config.atticRole, user: gate.user, database };
  const work = async (db: Db): Promise<Leftover[]> => {
    const dropped = keep ? await rollBackPrepared(db, place) : [];
    const movable = await readMovable(db, role.oid);
    if (movable.length > 0) await requireAttic(db, config.atticRole, gate.user);
    await inTransaction(db, "set local statement_timeout = '15s'", async () => {
      await db.run(stepsOf(membership(db, place), role, movable.length > 0 ? config.atticRole : null)).catch(explainDenied(db, role, gate.user));
      await requireUnnamed(db, role, database);
      if (!keep) throw new TriedOnly();
    }).catch((error: unknown) => {
      if (!(error instanceof TriedOnly)) throw error;
    });
    const note = "it belonged to the offboarded role; now in the attic, unchanged";
    return [...dropped, ...movable.map((each): Leftover => ({ kind: "table", name: each, where: database, note }))];
  };
  return gate.use(signal, work, database).catch(explainConnect(gate.user, database));
}

/** Rights that others gave directly are theirs to take back. Never "DROP OWNED": before the hand-over that would drop its tables. */
async function requireUnnamed(db: Db, role: TargetRole, database: string): Promise<void> {
  const rest = await db.rows(
    z.object({ what: z.string() }),
    `select distinct pg_describe_object(classid, objid, 0) as what from pg_shdepend
     where refclassid = 'pg_authid'::regclass and refobjid = $1::oid
       and dbid in (0, (select oid from pg_database where datname = current_database())) order by 1 limit ${mostNamed}`,
    [role.oid],
  );
  if (rest.length === 0) return;
  throw new ConnectorError(
    "denied",
    `${role.name} can no longer sign in but was not removed: others gave it rights directly, on ${rest.map(({ what }) => what).join(", ")}. ` +
      `Their owner or a superuser has to take them back in database ${database} (REVOKE ALL ON … FROM ${escapeIdentifier(role.name)}); removal is tried again by itself`,
    { transient: false },
  );
}

/** Without anything to hand over the attic need not even exist. */
function stepsOf({ lend, takeBack }: { lend: string; takeBack: string }, role: TargetRole, attic: string | null): string {
  const name = escapeIdentifier(role.name);
  const [lendUs = lend] = lend.split("; ");
  const [, takeBackOurs = takeBack] = takeBack.split("; ");
  if (attic === null) return [lendUs, `drop owned by ${name}`, takeBackOurs].join("; ");
  return [lend, `reassign owned by ${name} to ${escapeIdentifier(attic)}`, `drop owned by ${name}`, takeBack].join("; ");
}

async function dropRole(db: Db, role: TargetRole, account: string): Promise<void> {
  const now = await readRole(db, role.oid);
  if (now === null) return;
  await inTransaction(db, "set local lock_timeout = '5s'", async () => {
    await db.run(`drop role ${escapeIdentifier(now.name)}`).catch(explainDenied(db, now, account));
    const { left } = await db.one(z.object({ left: z.number() }), "select count(*)::int as left from pg_roles where oid = $1::oid", [role.oid]);
    if (left > 0) throw new ConnectorError("in-use", `role ${now.name} was changed by somebody else meanwhile`, { transient: true });
  });
}
