import type { ExportFormat } from "@/lib/evidence/types";

/** What a format is called, for whom it is, and what is in it. */
export type FormatWords = { readonly name: string; readonly forWhom: string; readonly what: string };

/** The formats in plain words, in the order in which they are offered. */
export const formatWords = {
  csv: { name: "CSV", forWhom: "For an audit tool or a spreadsheet", what: "A ZIP with one line per grant, in every column there is, the reconciliations and the report card." },
  jsonl: { name: "JSON Lines", forWhom: "For a program", what: "The same ZIP with exact values: one JSON object a line." },
  xlsx: { name: "Excel workbook", forWhom: "To open and read at once", what: "Sheets: report card, exceptions, all chains, and what each column means. Text cells are never run." },
  pdf: { name: "PDF report", forWhom: "To read and to file", what: "Scope, method, figures, exceptions first, sample pages chain by chain, and how to verify it." },
  oscal: { name: "OSCAL", forWhom: "For a compliance tool", what: "Assessment results 1.2.1: an observation for each chain, and what the rows show for each control objective." },
  ocsf: { name: "OCSF", forWhom: "For a SIEM", what: "OCSF 1.8.0: each step of each chain, each use and each finding as an event, one JSON object a line." },
  sarif: { name: "SARIF", forWhom: "For where findings are gathered", what: "SARIF 2.1.0: each finding of these chains, identities and systems with its controls and where to look at it." },
  bundle: { name: "Bundle", forWhom: "For whoever takes nobody's word", what: "Rows, the log behind them with its proofs, and the verifier, under one signature: checked offline at /verify or with Node.js alone." },
} as const satisfies Record<ExportFormat, FormatWords>;
