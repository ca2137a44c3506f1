import type { ExportFormat } from "@/lib/evidence/types";

/** What a format is called, for whom it is, and what is in it. */
export type FormatWords = { readonly name: string; readonly forWhom: string; readonly what: string };

/** The formats in plain words, in the order in which they are offered. */
export const formatWords = {
  csv: { name: "CSV", forWhom: "For an audit tool or a spreadsheet", what: "A ZIP with one line per grant, in every column there is, the reconciliations and the report card." },
  jsonl: { name: "JSON Lines", forWhom: "For a program", what: "The same ZIP with exact values: one JSON object a line." },
} as const satisfies Record<ExportFormat, FormatWords>;
