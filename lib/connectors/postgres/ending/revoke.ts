import { escapeIdentifier } from "pg";
import type { ConnectorDeps, Leftover, RevokeOrder, RevokeOutcome, RevokeReceipt } from "../../contract";
import { ConnectorError } from "../../errors";
import { inTransaction, type Gate } from "../client";
import { leftoverLabel } from "../handle";
import { readStatementCounts } from "../reading/sessions";
import type { PostgresConfig } from "../schema";
import { cleanUp, readDependencies, recallFromAttic } from "./clean-up";
import { identify, type Identified } from "./identify";
import { cutSessions, lockOut } from "./lock-out";

export type Ending = { readonly gate: Gate; readonly config: PostgresConfig; readonly deps: ConnectorDeps };

/** A credential that nobody can sign in with any more and that has no session. */
type LockedOut = { readonly found: Identified; readonly sessionsCut: number; readonly statements: number | null };

const batchSize = 50;

/** Ends one credential. */
export async function revokeRole(ending: Ending, order: RevokeOrder, signal: AbortSignal): Promise<RevokeReceipt> {
  const [outcome] = await revokeRoles(ending, [order], signal);
  if (outcome?.ok === true) return outcome.receipt;
  throw outcome?.error;
}

/** Ends many: first nobody can sign in and all sessions are cut, then the roles are freed and dropped. */
export async function revokeRoles(
  ending: Ending,
  orders: readonly RevokeOrder[],
  signal: AbortSignal,
): Promise<RevokeOutcome[]> {
  if (orders.length === 0) return [];
  // One sign-in for all: when that fails, trying each order would only fill the target's log.
  await ending.gate.use(signal, async () => undefined);
  const outcomes = new Map<string, RevokeOutcome>();
  const failed = (grantId: string, error: unknown): void => void outcomes.set(grantId, { grantId, ok: false, error });

  const lockedOut: LockedOut[] = [];
  // Kept across a batch that fails and is halved: what was freed once shows nothing the second time.
  const leftovers: Leftovers = new Map();
  await inBatches(orders, signal, {
    work: async (batch) => void lockedOut.push(...(await lockOutBatch(ending, batch, signal))),
    failed: (order, error) => failed(order.grantId, error),
  });
  await inBatches(lockedOut, signal, {
    work: async (batch) => {
      for (const receipt of await dropBatch(ending, batch, leftovers, signal)) {
        outcomes.set(receipt.grantId, { ...receipt, ok: true });
      }
    },
    failed: ({ found }, error) => failed(found.order.grantId, error),
  });
  return orders.flatMap(({ grantId }) => outcomes.get(grantId) ?? []);
}

type Batching<Item> = {
  readonly work: (batch: readonly Item[]) => Promise<void>;
  readonly failed: (item: Item, error: unknown) => void;
};

/** Works in batches; one that fails is halved until the culprit stands alone. */
async function inBatches<Item>(items: readonly Item[], signal: AbortSignal, batching: Batching<Item>): Promise<void> {
  const queue: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += batchSize) queue.push(items.slice(start, start + batchSize));
  for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
    try {
      await batching.work(batch);
    } catch (error) {
      if (signal.aborted) throw error;
      const unreachable = error instanceof ConnectorError && error.code === "unreachable";
      // Without the target there is no use in trying the rest one by one.
      const given = unreachable ? [batch, ...queue.splice(0)].flat() : batch;
      if (batch.length === 1 || unreachable) {
        for (const item of given) batching.failed(item, vanished(error) ?? error);
      } else {
        const middle = Math.ceil(batch.length / 2);
        queue.unshift(batch.slice(0, middle), batch.slice(middle));
      }
    }
  }
}

/** Something that was there a moment ago is gone: another worker ends the same. The next call sees how far that got. */
function vanished(error: unknown): ConnectorError | null {
  if (!(error instanceof ConnectorError) || error.code !== "wrong-target") return null;
  return new ConnectorError("in-use", `changed by somebody else meanwhile: ${error.message}`, { transient: true });
}

async function lockOutBatch(
  { gate, deps }: Ending,
  batch: readonly RevokeOrder[],
  signal: AbortSignal,
): Promise<LockedOut[]> {
  const found = await gate.use(signal, (db) => identify(db, deps.installationId, batch));
  await lockOut(gate, found, signal);
  deps.reached?.("locked-out");
  const oids = found.flatMap((each) => each.oids);
  const { cut, counted } = await gate.use(signal, async (db) => ({
    cut: await cutSessions(db, oids, signal),
    // A count is good to have; no end waits for it.
    counted: await readStatementCounts(db).catch(() => null),
  }));
  return found.map((each) => ({
    found: each,
    sessionsCut: sumOf(each.oids, cut),
    statements: counted === null || each.oids.length === 0 ? null : sumOf(each.oids, counted),
  }));
}

type Leftovers = Map<string, Leftover[]>;
type Dropped = { readonly grantId: string; readonly receipt: RevokeReceipt };

async function dropBatch(
  ending: Ending,
  batch: readonly LockedOut[],
  leftovers: Leftovers,
  signal: AbortSignal,
): Promise<Dropped[]> {
  const { gate, deps } = ending;
  await freeBatch(ending, batch, leftovers, signal);
  deps.reached?.("freed");
  const names = batch.flatMap(({ found }) => (found.role === null ? [] : [escapeIdentifier(found.role.name)]));
  const cut = await gate.use(signal, async (db) => {
    if (names.length > 0) {
      await inTransaction(db, "set local lock_timeout = '5s'", () => db.run(`drop role if exists ${names.join(", ")}`));
    }
    // Whoever was just signing in when the login went away may have appeared since.
    return cutSessions(db, batch.flatMap(({ found }) => found.oids), signal);
  });
  const acceptedAt = deps.now();
  return batch.map(({ found, sessionsCut, statements }) => ({
    grantId: found.order.grantId,
    receipt: {
      handle: found.handle,
      acceptedAt,
      sessionsCut: sessionsCut + sumOf(found.oids, cut),
      leftovers: [...restoredNote(found), ...(leftovers.get(found.order.grantId) ?? [])],
      alreadyGone: found.role === null && sessionsCut === 0,
      statements,
    },
  }));
}

/** Most sessions leave nothing; the few that do are freed one by one. */
async function freeBatch(
  ending: Ending,
  batch: readonly LockedOut[],
  leftovers: Leftovers,
  signal: AbortSignal,
): Promise<void> {
  const { gate, deps } = ending;
  const oids = batch.flatMap(({ found }) => (found.role === null ? [] : [found.role.oid]));
  const dependencies = oids.length === 0 ? [] : await gate.use(signal, (db) => readDependencies(db, oids));
  const grantByLabel = new Map<string, string>();
  for (const { found } of batch) {
    const { role, order } = found;
    const own = dependencies.filter(({ oid }) => oid === role?.oid);
    // Without a login it has seen an earlier call, which may have freed it.
    if (own.length === 0 && role?.canLogIn === true) continue;
    const label = leftoverLabel(deps.installationId, order.grantId);
    grantByLabel.set(label, order.grantId);
    if (role !== null && own.length > 0) {
      keep(leftovers, order.grantId, await cleanUp(ending, { role, label, dependencies: own }, signal));
    }
  }
  if (grantByLabel.size === 0) return;
  // An earlier call may have freed it in full or in one database, and its answer was lost.
  for (const { label, leftover } of await recallFromAttic(ending, [...grantByLabel.keys()], signal)) {
    keep(leftovers, grantByLabel.get(label) ?? "", [leftover]);
  }
}

/** Adds what is not there yet. */
function keep(leftovers: Leftovers, grantId: string, found: readonly Leftover[]): void {
  const known = leftovers.get(grantId) ?? [];
  const isNew = (one: Leftover): boolean =>
    !known.some(({ kind, where, name }) => kind === one.kind && where === one.where && name === one.name);
  leftovers.set(grantId, [...known, ...found.filter(isNew)]);
}

function sumOf(oids: readonly string[], counts: ReadonlyMap<string, number>): number {
  return oids.reduce((sum, oid) => sum + (counts.get(oid) ?? 0), 0);
}

function restoredNote({ restored, handle, order }: Identified): Leftover[] {
  if (!restored) return [];
  const note = `was found under OID ${handle.targetId ?? "?"} instead of ${order.targetId ?? "?"}: the target was restored from a dump`;
  return [{ kind: "other", name: `role ${handle.name}`, where: "cluster", note }];
}
