import "server-only";
import { writeBundle } from "../../bundle/writer";
import type { ExportWriter } from "../run";

/** An archive that proves itself: rows, the log behind them, its proofs and the verifier (docs/evidence-bundle.md). */
export const bundle: ExportWriter = {
  extension: "zip",
  mediaType: "application/zip",
  write: (run) => writeBundle(run, run.sample),
};
