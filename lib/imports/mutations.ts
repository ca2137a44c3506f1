import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import type { Prisma } from "@/lib/db/generated/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { enqueue } from "@/lib/worker/enqueue";
import { mayBecome } from "./rules";
import type { Announcement } from "./schema";
import type { ImportState } from "./types";

/** The connector of systems that are known from files only. */
export const filesConnector = "files@1";

type Announcing = { readonly actor: Actor; readonly tokenId?: string; readonly announcement: Announcement };
type AnnounceRefusal = "unknown-system" | "name-taken" | "system-connected" | "name-is-secret";

/** Announces a file: chooses or makes the system that it is about and answers where to send it. */
export async function announceImport({ actor, tokenId, announcement }: Announcing): Promise<Result<{ importId: string; systemId: string }, AnnounceRefusal>> {
  const { fileName, newSystem } = announcement;
  // A file name and a system's name are free text.
  const named = (await findSecrets(fileName)).found ? "a file" : fileName;
  if (newSystem && (await findSecrets(`${newSystem.name}\n${newSystem.environment}`)).found) return refuse("name-is-secret");
  return inTransaction(async (tx, now) => {
    const system = announcement.systemId ? await knownSystem(tx, announcement.systemId) : await makeSystem(tx, newSystem ?? { name: "", environment: "" }, actor, now);
    if (!system.ok) return system;
    const importId = newId();
    await tx.import.create({
      data: {
        id: importId,
        systemId: system.value,
        ...(actor.kind === "person" ? { personId: actor.personId } : {}),
        ...(tokenId === undefined ? {} : { tokenId }),
        fileName: named,
        format: announcement.format,
        isComplete: announcement.isComplete,
        ...(announcement.mapping === null ? {} : { mapping: announcement.mapping as Prisma.InputJsonObject }),
        asOf: announcement.asOf !== null && announcement.asOf < now ? announcement.asOf : now,
        state: "announced",
        createdAt: now,
        progressAt: now,
      },
    });
    return ok({ importId, systemId: system.value });
  });
}

async function knownSystem(tx: Transaction, id: string): Promise<Result<string, "unknown-system" | "system-connected">> {
  const row = await tx.system.findUnique({ where: { id }, select: { connector: true } });
  if (!row) return refuse("unknown-system");
  return row.connector === filesConnector ? ok(id) : refuse("system-connected");
}

async function makeSystem(tx: Transaction, { name, environment }: { name: string; environment: string }, actor: Actor, now: Date): Promise<Result<string, "name-taken">> {
  const id = newId();
  const made = await tx.$queryRaw<{ id: string }[]>`
    insert into systems (id, name, connector, environment, config, created_at) values (${id}::uuid, ${name}, ${filesConnector}, ${environment}, '{}', ${now})
    on conflict (name) do nothing returning id`;
  if (made.length === 0) return refuse("name-taken", { name });
  await appendEvent(tx, { type: "system.connected", at: now, actor, subjects: { system: id }, data: { connector: filesConnector }, clear: { name } });
  return ok(id);
}

async function lockImport(tx: Transaction, id: string) {
  const rows = await tx.$queryRaw<{ state: ImportState; system_id: string; digest: string | null }[]>`
    select state, system_id, digest from imports where id = ${id}::uuid for update`;
  return rows[0] ?? null;
}

type Deciding = { readonly actor: PersonActor; readonly importId: string };
type DecideRefusal = "not-found" | "not-ready";

/** A person saw the differences and wants them; the worker applies them. The digest says which ones were seen. */
export function confirmImport({ actor, importId, digest }: Deciding & { readonly digest: string }): Promise<Result<{ importId: string; state: "applying" }, DecideRefusal | "changed-since">> {
  return inTransaction(async (tx, now) => {
    const row = await lockImport(tx, importId);
    if (!row) return refuse("not-found");
    if (!mayBecome(row.state, "applying")) return refuse("not-ready", { state: row.state });
    if (row.digest !== digest) return refuse("changed-since");
    await tx.import.update({ where: { id: importId }, data: { state: "applying", confirmedById: actor.personId, confirmedAt: now, progressAt: now } });
    await appendEvent(tx, { type: "import.confirmed", at: now, actor, subjects: { system: row.system_id }, data: { importId, digest } });
    await enqueue(tx, "apply-import", { importId }, { key: `import:${importId}` });
    return ok({ importId, state: "applying" as const });
  });
}

/** Throws a file's differences away; what it would have changed stays as it is. */
export function discardImport({ actor, importId }: Deciding): Promise<Result<{ importId: string; state: "discarded" }, DecideRefusal>> {
  return inTransaction(async (tx, now) => {
    const row = await lockImport(tx, importId);
    if (!row) return refuse("not-found");
    if (!mayBecome(row.state, "discarded")) return refuse("not-ready", { state: row.state });
    await tx.import.update({ where: { id: importId }, data: { state: "discarded", closedAt: now } });
    await tx.$executeRaw`delete from import_rows where import_id = ${importId}::uuid`;
    await appendEvent(tx, { type: "import.discarded", at: now, actor, subjects: { system: row.system_id }, data: { importId } });
    return ok({ importId, state: "discarded" as const });
  });
}
