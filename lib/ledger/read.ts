import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import { AppError } from "@/lib/platform/errors";
import type { EventType, SubjectKind } from "./events";

const bodySchema = z.object({
  v: z.number(),
  type: z.string(),
  at: z.iso.datetime(),
  actor: z.object({ kind: z.string(), id: z.string().optional(), process: z.string().optional(), tokenId: z.string().optional() }),
  subjects: z.record(z.string(), z.string()),
  data: z.record(z.string(), z.unknown()),
  hashed: z.record(z.string(), z.string()),
  demo: z.boolean().optional(),
});

/** An event as read back. `position` is null until the sequencer has been there. */
export type StoredEvent = z.output<typeof bodySchema> & {
  readonly eventId: bigint;
  readonly position: bigint | null;
  readonly type: EventType | (string & {});
  /** Exact bytes that the leaf hash covers. */
  readonly bytes: Uint8Array;
  readonly leafHash: Uint8Array | null;
  /** Names and free text that have not been erased. */
  readonly clear: Readonly<Record<string, string>>;
};

type Row = { id: bigint; position: bigint | null; leaf_hash: Uint8Array | null; body: Uint8Array; clear: Record<string, string> | null };

function parse(row: Row): StoredEvent {
  const parsed = bodySchema.safeParse(JSON.parse(Buffer.from(row.body).toString("utf8")));
  if (!parsed.success) throw new AppError("integrity", `event ${row.id} is not of the ledger's form`, { cause: parsed.error });
  return { ...parsed.data, eventId: row.id, position: row.position, bytes: row.body, leafHash: row.leaf_hash, clear: row.clear ?? {} };
}

/** All events about one thing, oldest first. Bounded by what one chain can hold; `most` stops runaway chains. */
export async function readEventsAbout(kind: SubjectKind, id: string, most = 2_000, tx: Transaction = db): Promise<StoredEvent[]> {
  const rows = await tx.$queryRaw<Row[]>`
    select e.id, n.position, n.leaf_hash, e.body,
      (select jsonb_object_agg(c.field, c.value) from ledger.clear_value c where c.event_id = e.id) as clear
    from ledger.subject s join ledger.event e on e.id = s.event_id left join ledger.entry n on n.event_id = e.id
    where s.kind = ${kind}::text and s.id = ${id}::uuid order by e.id limit ${most}::int`;
  return rows.map(parse);
}

type Latest = { readonly without: readonly string[]; readonly most: number; readonly before: bigint | null };

/** The newest events about one thing, older than `before`, newest first, without those of some families (`grant` leaves `grant.proven` out). */
export async function readLatestEventsAbout(kind: SubjectKind, id: string, { without, most, before }: Latest): Promise<StoredEvent[]> {
  const rows = await db.$queryRaw<Row[]>`
    select e.id, n.position, n.leaf_hash, e.body,
      (select jsonb_object_agg(c.field, c.value) from ledger.clear_value c where c.event_id = e.id) as clear
    from ledger.subject s join ledger.event e on e.id = s.event_id left join ledger.entry n on n.event_id = e.id
    where s.kind = ${kind}::text and s.id = ${id}::uuid and split_part(e.type, '.', 1) <> all(${[...without]}::text[])
      and (${before}::bigint is null or e.id < ${before}::bigint)
    order by e.id desc limit ${most}::int`;
  return rows.map(parse);
}

/** One event by its number; null when there is none. */
export async function readEvent(eventId: bigint): Promise<StoredEvent | null> {
  const rows = await db.$queryRaw<Row[]>`
    select e.id, n.position, n.leaf_hash, e.body,
      (select jsonb_object_agg(c.field, c.value) from ledger.clear_value c where c.event_id = e.id) as clear
    from ledger.event e left join ledger.entry n on n.event_id = e.id where e.id = ${eventId}::bigint`;
  return rows[0] ? parse(rows[0]) : null;
}
