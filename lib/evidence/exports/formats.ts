import "server-only";
import type { ExportFormat } from "../types";
import { csv, jsonl } from "./formats/lines";
import type { ExportWriter } from "./run";

/** Who writes which format. */
export const writers = { csv, jsonl } as const satisfies Record<ExportFormat, ExportWriter>;
