import "server-only";
import type { Handle } from "@/lib/connectors/contract";
import { inTransaction } from "@/lib/db/transaction";

/** A credential that a target named, with the grant that its handle says. */
export type Listed = { readonly grantId: string; readonly handle: Handle };

/** Keeps what a target named when it was asked at `listedAt`, in place of what it named before. */
export function recordListing(systemId: string, listed: readonly Listed[], listedAt: Date): Promise<void> {
  const rows = JSON.stringify(listed.map(({ grantId, handle }) => ({ grant_id: grantId, handle: handle.name, target_id: handle.targetId ?? null })));
  return inTransaction(async (tx) => {
    // An answer that was slower than the next one changes nothing.
    const { count } = await tx.system.updateMany({ where: { id: systemId, OR: [{ listedAt: null }, { listedAt: { lt: listedAt } }] }, data: { listedAt } });
    if (count === 0) return;
    await tx.$executeRaw`
      delete from listed_credentials l where l.system_id = ${systemId}::uuid
        and not exists (select from jsonb_to_recordset(${rows}::jsonb) as n(handle text) where n.handle = l.handle)`;
    await tx.$executeRaw`
      insert into listed_credentials (system_id, handle, grant_id, target_id, first_seen_at)
      select ${systemId}::uuid, n.handle, n.grant_id, n.target_id, ${listedAt}::timestamptz
      from jsonb_to_recordset(${rows}::jsonb) as n(handle text, grant_id uuid, target_id text)
      on conflict (system_id, handle) do update set grant_id = excluded.grant_id, target_id = excluded.target_id`;
  });
}
