import "server-only";
import type { LogReading } from "@/lib/connectors/contract";
import { db } from "@/lib/db/client";
import { newId } from "@/lib/platform/ids";
import { readCsvRecord, readJsonRecord } from "./formats/postgres";
import { openSource } from "./data";
import { emptyTally, noteSourceError, settle, takeLines } from "./ingest";
import { usualLagSeconds } from "./rules";
import type { LogLine } from "./types";

/** What the log that Curfew reads from a system itself is called among its sources. */
const liveName = "Server log";

const readers = { jsonlog: readJsonRecord, csvlog: readCsvRecord } as const;

/**
 * Takes one reading of a system's own log: all that it says of credentials of this installation. `askedAt`: when the reading
 * began, by our clock; whatever the target had written until then has been read when the reading came to its end.
 */
export async function takeServerLog(systemId: string, reading: LogReading, askedAt: Date): Promise<void> {
  if (!reading.readable) {
    const known = await db.source.findFirst({ where: { systemId, isLive: true, kind: "log" }, select: { id: true } });
    if (known) await noteSourceError(known.id, reading.why);
    return;
  }
  const format = reading.own?.format === "jsonlog" || reading.own?.format === "csvlog" ? reading.own.format : null;
  // Without a session's name in its lines, a log tells of sign-ins only (`lib/systems/server-log.ts`).
  if (format === null || !reading.own) return;
  const source = await openSource(await liveSource(systemId, format, askedAt));
  if (source === null) return;
  const { records } = reading.own;
  async function* lines(): AsyncGenerator<LogLine> {
    for (const [index, { at, text }] of records.entries()) {
      const read = readers[format ?? "jsonlog"](text, at);
      yield await Promise.resolve("rejected" in read ? { line: index + 1, at, ...read } : { line: index + 1, ...read });
    }
  }
  await takeLines({ source, lines: lines(), place: "server log", tally: emptyTally() });
  await settle(source.id, { oldest: null, newest: null }, { completeUntil: reading.more ? null : askedAt, gapBefore: reading.visibleSince });
}

async function liveSource(systemId: string, format: "jsonlog" | "csvlog", now: Date): Promise<string> {
  const [lines, lag] = [`postgres-${format}`, usualLagSeconds[`postgres-${format}`]] as const;
  const rows = await db.$queryRaw<{ id: string }[]>`
    insert into sources (id, system_id, name, kind, format, is_live, lag_seconds, clock_offset_ms, created_at)
    select ${newId()}::uuid, s.id, ${liveName}, 'log', ${lines}, true, ${lag}::int, coalesce((s."check" ->> 'clockOffsetMs')::float8::int, 0), ${now}::timestamptz
    from systems s where s.id = ${systemId}::uuid
    on conflict (system_id, name) do update set format = excluded.format, clock_offset_ms = excluded.clock_offset_ms, is_live = true
    returning id::text as id`;
  return rows[0]?.id ?? "";
}
