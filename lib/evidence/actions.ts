"use server";

import { action } from "@/lib/auth/action";
import { cancelExport, requestExport } from "./mutations";
import { exportIdSchema, exportSchema } from "./schema";

export const requestExportAction = action({
  name: "evidence.request-export",
  permission: "evidence:export",
  input: exportSchema,
  run: ({ actor, input }) => requestExport({ actor, ...input }),
});

export const cancelExportAction = action({
  name: "evidence.cancel-export",
  permission: "evidence:export",
  input: exportIdSchema,
  run: ({ actor, input }) => cancelExport({ actor, ...input }),
});
