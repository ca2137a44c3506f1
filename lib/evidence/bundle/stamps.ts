import "server-only";
import { db } from "@/lib/db/client";
import { parseNote } from "@/lib/ledger/tree/note";
import type { Checkpoint } from "@/lib/ledger/tree/proofs";

type File = { readonly name: string; readonly content: Uint8Array };

/**
 * `log/time-stamps/`: the text of the checkpoint before, and what timestamp authorities signed over it (RFC 3161), each as
 * `openssl ts -verify -token_in` takes it. Of the checkpoint before and not of the bundle's own: a stamp that comes between two
 * runs over the same must not make them differ.
 */
export async function stampFiles(previous: Checkpoint | null): Promise<File[]> {
  if (!previous) return [];
  const rows = await db.$queryRaw<{ token: Uint8Array }[]>`
    select token from ledger.timestamp_token where size = ${previous.size}::bigint order by stamped_at, authority`;
  if (rows.length === 0) return [];
  const place = `log/time-stamps/${previous.size}`;
  const text = { name: `${place}.txt`, content: new Uint8Array(Buffer.from(parseNote(previous.note)?.text ?? "", "utf8")) };
  return [text, ...rows.map(({ token }, index) => ({ name: `${place}-${index + 1}.tst`, content: token }))];
}
