import "server-only";
import { db } from "@/lib/db/client";
import { cardColumns } from "../columns";
import { maskTexts, possibleNames, pseudonym, textsOf, withoutAddresses, type Masked } from "../masking";
import type { ChainRow } from "./run";

/** Rows that are looked through together for what may be somebody's name. */
const batch = 500;
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const leftOut = "[left out]";
const textColumns = cardColumns.filter(({ kind }) => kind === "text").map(({ name }) => name);

/** Columns that name a person, beside the one that has the id, and the part that they have there. */
const persons = [
  { id: "identity_owner_id", name: "identity_owner_name", part: "owner" },
  { id: "requester_id", name: "requester_name", part: "requester" },
  { id: "triggered_by_id", name: "triggered_by_name", part: "requester" },
  { id: "ended_by_id", name: "ended_by_name", part: "person" },
] as const;
/** What people wrote, and the ticket, which leads to more of it. */
const written = ["intent", "vote_reasons", "ticket_key"] as const;

/** What a report card says of files without names. */
export const maskedFields = { names: [...persons.flatMap(({ id, name }) => [id, name]), "voter_ids", "voter_names"], texts: [...written] } as const;

const several = (value: unknown) => (typeof value === "string" && value !== "" ? value.split("; ") : []);

/** A row with its persons by pseudonym, without their ids and without what they wrote. */
function bareRow(row: ChainRow, engagementId: string): ChainRow {
  const bare: Record<string, string | number | null> = { ...row };
  for (const { id, name, part } of persons) {
    // A workload that asked is no person.
    if (id === "requester_id" && row["requester_kind"] !== "person") continue;
    const personId = row[id] ?? null;
    bare[id] = null;
    bare[name] = personId === null ? null : pseudonym(part, String(personId), engagementId);
  }
  const voters = several(row["voter_ids"]);
  bare["voter_ids"] = null;
  bare["voter_names"] = voters.length === 0 ? null : voters.map((id) => pseudonym("approver", id, engagementId)).join("; ");
  for (const name of written) if ((row[name] ?? null) !== null) bare[name] = leftOut;
  return bare;
}

/** A value in which nobody is named: not in the name of a thing either, where somebody put one. `texts`: where names may stand. */
export async function withoutNames<Value>(value: Value, engagementId: string, texts: readonly string[] = textsOf(value)): Promise<Value> {
  const ids = [...new Set(texts.flatMap((text) => text.match(uuid) ?? []))];
  // All of them: one left out would be one named. No more than there are candidates.
  const people = await db.$queryRaw<{ id: string; name: string }[]>`
    (select distinct on (name) id::text as id, name from people where name = any(${possibleNames(texts)}::text[]) order by name, people.id)
    union select id::text, name from people where id = any(${ids}::uuid[]) order by 1`;
  return maskTexts(withoutAddresses(value), people.map((person): Masked => ({ ...person, part: "person" })), engagementId);
}

const textsIn = (rows: readonly ChainRow[]) => rows.flatMap((row) => textColumns.flatMap((name) => row[name] ?? []).map(String));

/** The same rows for an engagement that leaves names out. */
export async function* maskedRows(rows: AsyncIterable<ChainRow>, engagementId: string): AsyncGenerator<ChainRow> {
  let held: ChainRow[] = [];
  for await (const row of rows) {
    held.push(bareRow(row, engagementId));
    if (held.length < batch) continue;
    yield* await withoutNames(held, engagementId, textsIn(held));
    held = [];
  }
  yield* await withoutNames(held, engagementId, textsIn(held));
}

/** A row as JSON Lines or CSV have it (RFC 4180; what a spreadsheet would run has an apostrophe before it). */
export function lineOf(row: ChainRow, form: "csv" | "jsonl"): string {
  if (form === "jsonl") return `${JSON.stringify(row)}\n`;
  const cells = Object.entries(row).map(([name, value]) => {
    if (value === null) return "";
    const guarded = textColumns.includes(name) && /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
    return guarded === "" || /[",\n\r]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
  });
  return `${cells.join(",")}\n`;
}
