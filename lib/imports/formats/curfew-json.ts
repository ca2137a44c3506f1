import * as z from "zod";
import type { ReadLine, StagedRow } from "../types";
import { plainFieldNames, type PlainField } from "../rules";
import { type PlainRecord, readPlain } from "./plain";
import { fit, readRecords } from "./records";
import { rejected } from "./values";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]).transform((value) => (value === null ? null : Array.isArray(value) ? value.join("\n") : String(value)));
const flat = z.partialRecord(z.enum(plainFieldNames), scalar);
const within = z.record(z.string(), z.unknown());
const recordSchema = z
  .looseObject({ credentials: z.array(within).max(500).optional(), entitlements: z.array(z.union([z.string(), within])).max(5_000).optional() })
  .transform(({ credentials = [], entitlements = [], ...own }) => ({ own, credentials, entitlements }));

/** Our fields of an object; in a nested one they go without their prefix: `{"credentials": [{"id": …}]}`. */
function fieldsOf(value: Readonly<Record<string, unknown>>, prefix: "" | "credential" | "entitlement"): Record<string, unknown> {
  const named = plainFieldNames.flatMap((field): [PlainField, unknown][] => {
    const short = prefix === "" ? field : field === prefix ? "name" : field.startsWith(`${prefix}_`) ? field.slice(prefix.length + 1) : null;
    return short !== null && short in value ? [[field, value[short]]] : [];
  });
  return Object.fromEntries(named);
}

/** Our own JSON: a list, an object with a list `identities`, or one object a line. */
export async function* readCurfewJson(text: AsyncIterable<string>, { head }: { head: string }): AsyncGenerator<ReadLine> {
  for await (const { line, value, why } of readRecords(text, head, ["identities"])) {
    if (why) yield rejected(line, { code: why, field: null });
    else yield readOne(line, value);
  }
}

function readOne(line: number, value: unknown): ReadLine {
  const record = fit(recordSchema, value);
  if (!record.ok) return rejected(line, { code: "value", field: record.field });
  const { own, credentials, entitlements } = record.value;
  const identity = fieldsOf(own, "");
  const parts = [
    identity,
    ...credentials.map((credential) => ({ ...identity, ...fieldsOf(credential, "credential") })),
    ...entitlements.map((entitlement) => ({ ...identity, ...(typeof entitlement === "string" ? { entitlement } : fieldsOf(entitlement, "entitlement")) })),
  ];
  const rows: StagedRow[] = [];
  for (const part of parts) {
    const fields = fit(flat, part);
    if (!fields.ok) return rejected(line, { code: "value", field: fields.field });
    const read = readPlain(line, fields.value as PlainRecord);
    if (!("rows" in read)) return read;
    for (const row of read.rows) if (!rows.some((known) => known.kind === row.kind && known.key === row.key && JSON.stringify(known.facts) === JSON.stringify(row.facts))) rows.push(row);
  }
  return { line, rows };
}
