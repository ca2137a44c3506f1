import "server-only";
import type { Transaction } from "@/lib/db/transaction";

/** Erases names and free text of all events about one thing; the events, their hashes and positions stay as they are. */
export async function eraseClearValues(tx: Transaction, kind: string, id: string): Promise<number> {
  return tx.$executeRaw`
    delete from ledger.clear_value where event_id in
      (select event_id from ledger.subject where kind = ${kind}::text and id = ${id}::uuid)`;
}
