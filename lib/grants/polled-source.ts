import "server-only";
import { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import { newId } from "@/lib/platform/ids";

/** What every system's looks at open connections are called among its sources. */
export const polledSourceName = "Open connections";

/** Where no session lives, looks have nothing to see, and have reported that: how far they have reported goes on with the time. */
export async function noteNothingToSee(): Promise<void> {
  await db.$executeRaw`
    update sources s set watermark = clock_timestamp() where s.kind = 'polled' and s.closed_at is null and s.watermark < clock_timestamp() - interval '10 seconds'
      and not exists (select from grants g where g.system_id = s.system_id and not g.demo and g.state in ('issuing', 'active', 'ending', 'accepted', 'stuck'))`;
}

/** The source that a system's looks at open connections are, made with the first; a look moves how far it has reported. */
export async function polledSource(tx: Transaction, systemId: string, at: Date): Promise<string> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    insert into sources (id, system_id, name, kind, lag_seconds, is_live, watermark, received_at, created_at)
    values (${newId()}::uuid, ${systemId}::uuid, ${polledSourceName}, 'polled', 0, true, ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz)
    on conflict (system_id, name) do update set is_live = true, received_at = excluded.received_at, watermark = greatest(sources.watermark, excluded.watermark)
    returning id::text as id`;
  return rows[0]?.id ?? "";
}
