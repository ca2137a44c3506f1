import * as z from "zod";
import { cursorText, manyOf, sortOf } from "@/lib/platform/list-query";
import { findingKinds } from "./rules";
import { findingStates } from "./types";

/** The URL of the list of findings; whatever it says, the list opens. */
export const findingListSchema = z.object({
  kind: manyOf(findingKinds),
  state: manyOf(findingStates),
  sort: sortOf(["opened"], { key: "opened", direction: "desc" }),
  after: cursorText(),
  before: cursorText(),
});

/** Input of "I looked at this finding". */
export const seeFindingSchema = z.object({
  findingId: z.guid(),
  reason: z.string().trim().min(10, "Say in a sentence what you found and why it may rest.").max(2_000),
});

/** What a list of findings is asked for. */
export type FindingListQuery = z.output<typeof findingListSchema>;
