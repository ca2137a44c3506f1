import * as z from "zod";
import { filterKeys, filterParameters, readFilter } from "@/lib/evidence/schema";
import { exportFormats } from "@/lib/evidence/types";
import { schedules } from "./types";

const name = z.string().trim().min(1, "Give the question a name.").max(80, "At most 80 characters.");
const shared = z.enum(["yes", "no"]).default("no").transform((word) => word === "yes");

/** A query of the evidence's list as the filter that it means; what is no filter is left out. Attacker-controlled. */
const filterOfQuery = z.string().max(4_000).transform((query, context) => {
  const params = new URLSearchParams(query);
  const { filter, problems } = readFilter(Object.fromEntries(filterKeys.map((key) => [key, params.get(key) ?? undefined])));
  const problem = problems[0];
  if (problem) context.addIssue({ code: "custom", message: `${problem.field}: ${problem.message}` });
  return filterParameters(filter);
});

const terms = { name, shared, schedule: z.enum(schedules, "Choose when it is answered."), format: z.enum(exportFormats, { error: "Choose a format." }) };

/** Input of "keep this question". */
export const keepQuestionSchema = z.object({ ...terms, query: filterOfQuery });

/** Input of "change a question": everything but what it asks. */
export const changeQuestionSchema = z.object({ ...terms, questionId: z.guid() });

/** Input of "remove a question". */
export const removeQuestionSchema = z.object({ questionId: z.guid() });
