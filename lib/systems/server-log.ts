import "server-only";
import type { LoggedSignIn, LogReading } from "@/lib/connectors/contract";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { noteRefusals } from "@/lib/suspensions/refusals";
import { recordUses, type SeenUse } from "./use";

/** A log that cannot be read is asked for again only now and then: that changes by hand (milliseconds). */
const retryUnreadableMs = 60_000;
const most = 1_000;

/** Systems whose log may have something new. */
export async function readLogsDue(): Promise<string[]> {
  const stale = new Date(Date.now() - retryUnreadableMs);
  const rows = await db.system.findMany({
    where: {
      sealedSecrets: { not: null },
      unreachableSince: null,
      OR: [{ serverLog: null }, { serverLog: { unreadable: null } }, { serverLog: { readAt: { lt: stale } } }],
    },
    select: { id: true },
    orderBy: { id: "asc" },
    take: most,
  });
  return rows.map(({ id }) => id);
}

/** Where the next reading of a system's log goes on. */
export async function readLogPosition(systemId: string): Promise<unknown> {
  const row = await db.serverLog.findUnique({ where: { systemId }, select: { position: true } });
  return row?.position ?? null;
}

/**
 * Records one part of a system's log: who signed in, when and from where, and whom a suspension kept out. The position moves
 * in the same transaction, so that nothing is read twice or lost.
 */
export function recordServerLog(systemId: string, reading: LogReading): Promise<void> {
  return inTransaction(async (tx, now) => {
    if (!reading.readable) {
      const told = { unreadable: reading.why, remedy: reading.remedy, readAt: now, visibleSince: null };
      await tx.serverLog.upsert({ where: { systemId }, create: { systemId, ...told }, update: told });
      return;
    }
    const position: Prisma.InputJsonValue | typeof Prisma.JsonNull = reading.position === null ? Prisma.JsonNull : JSON.parse(JSON.stringify(reading.position));
    const read = { position, readAt: now, unreadable: null, remedy: null, ...(reading.visibleSince ? { visibleSince: reading.visibleSince } : {}) };
    await tx.serverLog.upsert({ where: { systemId }, create: { systemId, ...read }, update: read });
    await recordSignIns(tx, systemId, reading.signIns.filter(({ outcome }) => outcome === "accepted"), now);
    await noteRefusals(tx, systemId, firstOfEach(reading.signIns.filter(({ outcome }) => outcome === "suspended")), now);
  });
}

/** One refusal of each says it all. */
function firstOfEach(signIns: readonly LoggedSignIn[]): LoggedSignIn[] {
  return [...new Map(signIns.toReversed().map((signIn) => [signIn.name, signIn])).values()];
}

async function recordSignIns(tx: Transaction, systemId: string, signIns: readonly LoggedSignIn[], now: Date): Promise<void> {
  if (signIns.length === 0) return;
  const names = [...new Set(signIns.map(({ name }) => name))];
  const credentials = await tx.credential.findMany({ where: { systemId, vanishedAt: null, handle: { in: names } }, select: { identityId: true, handle: true } });
  const identityOf = new Map(credentials.map(({ handle, identityId }) => [handle, identityId]));
  await tx.$executeRaw`
    update credentials c set last_used_at = greatest(c.last_used_at, v.at)
    from (select name, max(at) as at from jsonb_to_recordset(${JSON.stringify(signIns)}::jsonb) as s(name text, at timestamptz) group by name) v
    where c.system_id = ${systemId}::uuid and c.handle = v.name and c.vanished_at is null`;
  await recordUses(tx, oncePerDay(signIns, identityOf), now);
}

/** A busy service signs in thousands of times a day: its first and last of each day and source say the same. */
function oncePerDay(signIns: readonly LoggedSignIn[], identityOf: ReadonlyMap<string, string>): SeenUse[] {
  const uses = new Map<string, SeenUse>();
  for (const { name, at, clientAddress, applicationName } of signIns) {
    const identityId = identityOf.get(name);
    if (identityId === undefined) continue;
    const common = [identityId, at.toISOString().slice(0, 10), clientAddress, applicationName].join("\n");
    const use = { identityId, at, clientAddress, applicationName };
    if (!uses.has(`${common}\nfirst`)) uses.set(`${common}\nfirst`, use);
    uses.set(`${common}\nlast`, use);
  }
  return [...uses.values()];
}
