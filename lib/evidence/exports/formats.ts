import "server-only";
import type { ExportFormat } from "../types";
import { bundle } from "./formats/bundle";
import { csv, jsonl } from "./formats/lines";
import { ocsf } from "./formats/ocsf";
import { oscal } from "./formats/oscal";
import { pdf } from "./formats/pdf";
import { sarif } from "./formats/sarif";
import { xlsx } from "./formats/xlsx";
import type { ExportWriter } from "./run";

/** Who writes which format. */
export const writers = { csv, jsonl, xlsx, pdf, oscal, ocsf, sarif, bundle } as const satisfies Record<ExportFormat, ExportWriter>;
