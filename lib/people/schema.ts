import * as z from "zod";
import { roles } from "@/lib/auth/permissions";
import { cursorText, manyIds, manyOf, searchText, sortOf } from "@/lib/platform/list-query";
import { passkeyChoices, presences } from "./types";

/** Input of "set a person to left". */
export const setPersonLeftSchema = z.object({ personId: z.uuid() });

/** Input of "give a role" and "take a role". */
export const personRoleSchema = z.object({ personId: z.uuid(), role: z.enum(roles, "Choose a role.") });

/** Input of "put into a team" and "take out of a team". */
export const personTeamSchema = z.object({ personId: z.uuid(), teamId: z.uuid("Choose a team.") });

/** Input of "make the lead". */
export const teamLeadSchema = personTeamSchema.extend({ lead: z.enum(["yes", "no"]).transform((word) => word === "yes") });

/** A moment as a form's field gives it, in the time of UTC: "2026-11-22T10:00". */
const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, "Choose a day and a time.")
  .transform((text) => new Date(`${text}:00Z`))
  .refine((at) => !Number.isNaN(at.getTime()), "Choose a day and a time.");

/** Input of "on call". */
export const onCallSchema = personTeamSchema.extend({ from: moment, until: moment });

/** Input of "end a time on call". */
export const onCallIdSchema = z.object({ onCallId: z.uuid() });

/** Input of "out of office". */
export const outOfOfficeSchema = z.object({
  personId: z.uuid(),
  from: moment,
  until: moment,
  standInId: z.union([z.uuid(), z.literal("")]).default("").transform((id) => id || null),
});

/** Input of "let somebody decide for me". */
export const delegateSchema = z.object({ delegateId: z.uuid("Choose somebody."), from: moment, until: moment });
/** Input of "take back": whom one saw deciding for oneself, so that an older page ends no newer delegation. */
export const endDelegationSchema = z.object({ delegateId: z.uuid() });

/** An id in a path; anything else is "not found". */
export const personIdSchema = z.guid();

/** The URL of the list of people; whatever it says, the list opens. */
export const peopleListSchema = z.object({
  q: searchText(),
  role: manyOf([...roles, "none"]),
  team: manyIds(),
  presence: manyOf(presences),
  passkeys: manyOf(passkeyChoices),
  sort: sortOf(["name"], { key: "name", direction: "asc" }),
  after: cursorText(),
  before: cursorText(),
});

/** What a list of people is asked for. */
export type PeopleList = z.output<typeof peopleListSchema>;
