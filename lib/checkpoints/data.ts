import "server-only";
import { db } from "@/lib/db/client";
import { lastReading } from "@/lib/ledger/tree/check";
import { exportVerifierKeys, logVerifierKeys } from "@/lib/ledger/tree/keys";
import { latestCheckpoint } from "@/lib/ledger/tree/proofs";
import { ledgerSize } from "@/lib/ledger/sequence";
import type { LogTokenView, LogView, PlaceView } from "./types";

/** Places that get checkpoints, with what came of it last. */
export async function readPlaces(): Promise<PlaceView[]> {
  return db.$queryRaw<PlaceView[]>`
    select p.id, p.kind, p.name, p.address, p.may_be_inside as "mayBeInside", coalesce(m.name, 'somebody') as "madeBy", p.failures, p.is_asked as "isAsked", p.is_anchored as "isAnchored",
      to_json(p.created_at) #>> '{}' as "madeAt", p.sent_size::float8 as "sentSize", to_json(p.sent_at) #>> '{}' as "sentAt",
      to_json(p.failing_since) #>> '{}' as "failingSince", to_json(p.due_at) #>> '{}' as "dueAt",
      (select s.code from checkpoint_sendings s where s.place_id = p.id order by s.at desc, s.id desc limit 1) as "lastCode"
    from checkpoint_places p left join people m on m.id = p.created_by_id
    where p.removed_at is null order by p.created_at, p.id`;
}

/** Tokens that somebody follows the ledger with. */
export async function readLogTokens(): Promise<LogTokenView[]> {
  return db.$queryRaw<LogTokenView[]>`
    select t.id, t.name, coalesce(m.name, 'somebody') as "madeBy", to_json(t.created_at) #>> '{}' as "madeAt", to_json(t.last_used_at) #>> '{}' as "lastUsedAt"
    from log_tokens t left join people m on m.id = t.created_by_id where t.withdrawn_at is null order by t.created_at, t.id`;
}

/** How the ledger stands. `url`: our public origin. */
export async function readLog(url: string): Promise<LogView> {
  const [size, newest, keys, exportKeys, reading] = await Promise.all([ledgerSize(), latestCheckpoint(), logVerifierKeys(), exportVerifierKeys(), lastReading()]);
  return {
    url: `${url}/api/log`,
    size: Number(size),
    note: newest?.note ?? null,
    signedAt: newest?.signedAt.toISOString() ?? null,
    keys: keys.map(({ vkey, from, until }) => ({ vkey, from: Number(from), until: until === null ? null : Number(until) })),
    exportKey: exportKeys[0]?.vkey ?? null,
    reading: reading && { finishedAt: reading.finishedAt.toISOString(), size: Number(reading.size), fault: reading.fault, position: reading.position === null ? null : Number(reading.position) },
  };
}
