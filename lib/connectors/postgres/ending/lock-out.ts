import { setTimeout as pause } from "node:timers/promises";
import { escapeIdentifier } from "pg";
import * as z from "zod";
import { ConnectorError } from "../../errors";
import { inTransaction, type Db, type Gate } from "../client";
import type { Identified } from "./identify";

const backendRow = z.object({ oid: z.string(), key: z.string() });

const terminate = `
  select usesysid::text as oid, pid || '/' || coalesce(extract(epoch from backend_start)::text, '') as key,
    pg_terminate_backend(pid) as signalled
  from pg_stat_activity where usesysid = any($1::oid[])`;

const patienceMs = 5_000;
/** A statement that waits longer than this is probably held up by the very session that is to end. */
const suspicionMs = 200;

/** Takes login and password away, committed before anything else, so that nobody comes in while sessions are cut. */
export async function lockOut(gate: Gate, batch: readonly Identified[], signal: AbortSignal): Promise<void> {
  const roles = batch.flatMap(({ role }) => (role === null ? [] : [escapeIdentifier(role.name)]));
  if (roles.length === 0) return;
  const oids = batch.flatMap((each) => each.oids);
  const statements = roles.map((role) => `alter role ${role} nologin password null`).join("; ");
  await againstResistance(gate, oids, signal, () =>
    gate.use(signal, (db) => inTransaction(db, "set local lock_timeout = '5s'", () => db.run(statements))),
  );
}

/**
 * A session can hold up its own end: an uncommitted ALTER ROLE on itself locks its row. While our statement waits in
 * that queue, the sessions are cut over another connection, again and again, until it gets through.
 */
export async function againstResistance(
  gate: Gate,
  oids: readonly string[],
  signal: AbortSignal,
  work: () => Promise<void>,
  mayCut: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<void> {
  const settled = new AbortController();
  const working = work().finally(() => settled.abort());
  const cutting = pause(suspicionMs, undefined, { signal: settled.signal })
    .then(mayCut)
    .then((may) => (may ? gate.useApart(signal, (db) => cutUntil(db, oids, settled.signal)) : undefined))
    .catch(() => undefined); // the work itself says what went wrong
  await Promise.all([working, cutting]);
}

async function cutUntil(db: Db, oids: readonly string[], settled: AbortSignal): Promise<void> {
  while (!settled.aborted) {
    await db.rows(backendRow, terminate, [oids]);
    await pause(20);
  }
}

/** Cuts all sessions of these roles and waits until none is left; answers how many there were, by OID. */
export async function cutSessions(db: Db, oids: readonly string[], signal: AbortSignal): Promise<Map<string, number>> {
  const seen = new Map<string, Set<string>>(oids.map((oid) => [oid, new Set()]));
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const backends = await db.rows(backendRow, terminate, [oids]);
    for (const { oid, key } of backends) seen.get(oid)?.add(key);
    if (backends.length === 0) return new Map([...seen].map(([oid, keys]) => [oid, keys.size]));
    if (performance.now() > deadline) {
      throw new ConnectorError("in-use", `${backends.length} sessions do not end`, { transient: true });
    }
    await pause(10, undefined, { signal });
  }
}
