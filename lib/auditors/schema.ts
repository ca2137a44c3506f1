import * as z from "zod";
import { cursorText, sortOf } from "@/lib/platform/list-query";

const day = z.iso.date("Choose a day.").refine((text) => text >= "2000-01-01" && text <= "2999-12-31", "Choose a day between 2000 and 2999.");

/** Input of "give an engagement". The last day counts whole. */
export const engageSchema = z.object({
  personId: z.uuid("Choose a person."),
  lastDay: day,
  fromDay: day,
  toDay: day,
  everySystem: z.literal("yes").optional().transform((answer) => answer === "yes"),
  systemIds: z.array(z.uuid()).max(50, "At most 50 systems; or every system.").default([]),
  names: z.enum(["yes", "no"], "Choose one.").transform((answer) => answer === "yes"),
  reason: z.string().trim().min(10, "Say in at least 10 characters what the engagement is for.").max(500),
}).refine(({ everySystem, systemIds }) => everySystem !== systemIds.length > 0, { path: ["systemIds"], error: "Choose systems, or every system." });

/** Input of what is done with one engagement. */
export const engagementIdSchema = z.object({ engagementId: z.uuid() });

/** The URL of the list of looks. */
export const lookListSchema = z.object({ sort: sortOf(["looked"], { key: "looked", direction: "desc" }), after: cursorText(), before: cursorText() });
export type LookQuery = z.output<typeof lookListSchema>;
