import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { noteRematched } from "./effects";
import { markersOfSession, rematchUses } from "./matching";
import { usualLagSeconds } from "./rules";
import type { MakeSource } from "./schema";

type MakeRefusal = "unknown-system" | "name-taken" | "name-is-secret" | "folder-taken";

/** Gives a system a source: a log whose lines somebody sends, or that Curfew reads from a watched folder. */
export async function makeSource({ actor, input }: { actor: PersonActor; input: MakeSource }): Promise<Result<{ sourceId: string }, MakeRefusal>> {
  const { systemId, name, format } = input;
  if ((await findSecrets(name)).found) return refuse("name-is-secret");
  const folder = input.folder === undefined || input.folder === "" ? null : input.folder;
  const lagSeconds = input.lagSeconds === undefined || input.lagSeconds === "" ? usualLagSeconds[format] : input.lagSeconds;
  return inTransaction(async (tx, now) => {
    const systems = await tx.$queryRaw<{ id: string }[]>`select id::text as id from systems where id = ${systemId}::uuid for update`;
    if (systems.length === 0) return refuse("unknown-system");
    if (folder !== null && (await tx.source.count({ where: { folder, closedAt: null } })) > 0) return refuse("folder-taken", { folder });
    const sourceId = newId();
    const data = { id: sourceId, systemId, name, kind: "log", format, lagSeconds, folder, createdAt: now, createdById: actor.personId };
    const { count } = await tx.source.createMany({ data: [data], skipDuplicates: true });
    if (count === 0) return refuse("name-taken", { name });
    await appendEvent(tx, { type: "source.made", at: now, actor, subjects: { system: systemId }, data: { sourceId, format, lagSeconds, isWatched: folder !== null }, clear: { name } });
    return ok({ sourceId });
  });
}

/** Closes a source: nothing more is taken for it, and nobody waits for it any more. What it reported stays. */
export function closeSource({ actor, sourceId }: { actor: PersonActor; sourceId: string }): Promise<Result<{ sourceId: string }, "unknown-source">> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ system_id: string }[]>`
      update sources set closed_at = ${now}::timestamptz, folder = null where id = ${sourceId}::uuid and kind = 'log' and not is_live and closed_at is null returning system_id::text`;
    const systemId = rows[0]?.system_id;
    if (systemId === undefined) return refuse("unknown-source");
    await tx.sourceToken.updateMany({ where: { sourceId, withdrawnAt: null }, data: { withdrawnAt: now } });
    await appendEvent(tx, { type: "source.closed", at: now, actor, subjects: { system: systemId }, data: { sourceId } });
    return ok({ sourceId });
  });
}

/** How long after its activation uses are looked for that came before it was known, in milliseconds. */
const freshMs = 15 * 60_000;
const mostFresh = 200;

/** Sessions that began lately get the uses that were waiting for them. */
export async function matchWaiting(): Promise<number> {
  const now = await databaseClock.now(db);
  const fresh = await db.grant.findMany({
    where: { activatedAt: { gt: new Date(now.getTime() - freshMs) }, createdAt: { gt: new Date(now.getTime() - 7 * 86_400_000) }, demo: false },
    select: { systemId: true, handleName: true, markers: { select: { marker: true }, take: 50 }, identity: { select: { credentials: { select: { handle: true, systemId: true }, take: 50 } } } },
    orderBy: { createdAt: "desc" },
    take: mostFresh,
  });
  let matched = 0;
  for (const { systemId, handleName, markers: kept, identity } of fresh) {
    const accounts = identity.credentials.flatMap((credential) => (credential.systemId === systemId ? [credential.handle] : []));
    const markers = [...new Set([...markersOfSession(handleName, accounts), ...kept.map(({ marker }) => marker)])];
    if (markers.length === 0) continue;
    matched += await inTransaction(async (tx, at) => {
      const found = await rematchUses(tx, systemId, markers);
      await noteRematched(tx, found, at);
      return found.length;
    });
  }
  return matched;
}
