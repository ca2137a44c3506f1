import * as z from "zod";
import { sensitivities } from "@/lib/entitlements/types";
import { cursorText, manyOf, sortOf } from "@/lib/platform/list-query";
import { requestPhases, requestScopes } from "./types";

/** The URL of the list of requests; whatever it says, the list opens. */
export const requestListSchema = z.object({
  of: z.enum(requestScopes).optional().catch(undefined),
  phase: manyOf(requestPhases),
  sensitivity: manyOf(sensitivities),
  sort: sortOf(["submitted"], { key: "submitted", direction: "desc" }),
  after: cursorText(),
  before: cursorText(),
});
export type RequestListQuery = z.output<typeof requestListSchema>;

/** The URL of the approval queue. */
export const approvalListSchema = z.object({
  sensitivity: manyOf(sensitivities),
  open: z.guid().optional().catch(undefined),
  after: cursorText(),
  before: cursorText(),
});
export type ApprovalListQuery = z.output<typeof approvalListSchema>;

/** An id in a path; anything else is "not found". */
export const requestIdSchema = z.guid();
