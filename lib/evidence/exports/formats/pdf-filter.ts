import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { filterParameters } from "../../schema";
import type { ExportRun } from "../run";

const { sql } = Prisma;
/** Filters whose values are ids. */
const byId: readonly string[] = ["identity", "entitlement", "system", "requester", "approver"];

/** A filter as a sentence, with names for ids. */
export async function filterSentence(run: ExportRun): Promise<string> {
  const { from: _from, to: _to, ...filter } = filterParameters(run.filter);
  const parts: string[] = [];
  for (const [key, value] of Object.entries(filter)) {
    const words = byId.includes(key) ? await namesOf(run, value.split(",")) : value.split(",").map((word) => word.replaceAll("-", " "));
    parts.push(`${key.charAt(0).toUpperCase()}${key.slice(1)}: ${words.join(", ")}`);
  }
  return parts.length === 0 ? "No filter: everything." : `${parts.join(" · ")}.`;
}

async function namesOf(run: ExportRun, ids: readonly string[]): Promise<string[]> {
  const list = `{${ids.join(",")}}`;
  const rows = await run.query<{ name: string }>(sql`
    select name from identities where id = any(${list}::uuid[]) union select name from entitlements where id = any(${list}::uuid[])
    union select name from systems where id = any(${list}::uuid[]) union select name from people where id = any(${list}::uuid[]) order by name`);
  return rows.length === 0 ? ["somebody or something that is gone"] : rows.map(({ name }) => name);
}
