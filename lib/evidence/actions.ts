"use server";

import { action } from "@/lib/auth/action";
import { recordLook } from "@/lib/auditors/looks";
import { drawSample } from "./exports/drawing";
import { cancelExport, requestExport } from "./mutations";
import { exportIdSchema, exportSchema, sampleSchema, filterParameters } from "./schema";

export const requestExportAction = action({
  name: "evidence.request-export",
  permission: "evidence:export",
  input: exportSchema,
  async run({ actor, input }) {
    const asked = await requestExport({ actor, ...input });
    if (asked.ok) await recordLook(actor, { kind: "export", subjectId: asked.value.exportId, filter: filterParameters(input.filter) });
    return asked;
  },
});

export const cancelExportAction = action({
  name: "evidence.cancel-export",
  permission: "evidence:export",
  input: exportIdSchema,
  run: ({ actor, input }) => cancelExport({ actor, ...input }),
});

/** The answer holds the sample: the page is not rendered anew, which would take it away. */
export const drawSampleAction = action({
  name: "evidence.draw-sample",
  permission: "evidence:sample",
  input: sampleSchema,
  refresh: false,
  run: ({ actor, input }) => drawSample({ actor, ...input }),
});
