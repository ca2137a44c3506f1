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

/** What a list of findings is asked for. */
export type FindingListQuery = z.output<typeof findingListSchema>;
