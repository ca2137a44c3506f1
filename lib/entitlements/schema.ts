import * as z from "zod";
import { cursorText, searchText } from "@/lib/platform/list-query";
import { sensitivities } from "./types";

/** What discovery or a description read from the target, as `entitlements.privileges` keeps it. */
export const privilegesSchema = z.array(
  z.object({
    database: z.string(),
    schema: z.string().nullable(),
    object: z.string(),
    objectKind: z.enum(["database", "schema", "table", "view", "sequence", "function"]),
    actions: z.array(z.string()),
    columns: z.array(z.string()).optional(),
  }),
);

/** One privilege on the target. */
export type PrivilegeView = z.output<typeof privilegesSchema>[number];

/** The URL of a system's catalogue; whatever it says, the page opens. */
export const catalogueSchema = z.object({ q: searchText(), after: cursorText(), before: cursorText() });

/** What a catalogue is asked for. */
export type CatalogueQuery = z.output<typeof catalogueSchema>;

const optionalId = z.union([z.guid(), z.literal("")], "Choose one of the offered entries.").default("").transform((id) => (id === "" ? null : id));

const purposeText = z
  .string()
  .max(1_000)
  .default("")
  .transform((text) => [...new Set(text.split(",").map((purpose) => purpose.trim().toLowerCase()).filter((purpose) => purpose !== ""))])
  .pipe(z.array(z.string().regex(/^[\p{L}\d][\p{L}\d _-]{0,39}$/u, "A purpose is one or a few words.")).max(20, "At most 20 purposes."));

const hour = 3_600;

/** Hours as somebody types them; nothing is "as its sensitivity allows". */
const capHours = z
  .string()
  .trim()
  .default("")
  .refine((text) => text === "" || (Number(text) > 0 && Number(text) <= 720), { error: "Give a number of hours, at most 720." })
  .transform((text) => (text === "" ? null : Math.max(1, Math.round(Number(text) * hour))));

/** Input of "change what is said about an entitlement". */
export const editEntitlementSchema = z.object({
  entitlementId: z.guid(),
  name: z.string().trim().min(1).max(200),
  description: z.string().trim().min(1).max(2_000),
  sensitivity: z.enum(sensitivities, "Choose one of the offered values."),
  resourceOwnerId: optionalId,
  resourceTeamId: optionalId,
  purposes: purposeText,
  capHours,
  requestable: z.enum(["yes", "no"]).default("no"),
});

/** Most entitlements that one bulk change takes. */
export const mostInBulk = 200;

/** Input of "change many entitlements alike"; what is empty stays. `preview` = `yes` changes nothing. */
export const editManySchema = z.object({
  ids: z.string().transform((text) => text.split(",").filter((id) => id !== "")).pipe(z.array(z.guid()).min(1).max(mostInBulk)),
  sensitivity: z.union([z.enum(sensitivities), z.literal("")]).default(""),
  resourceOwnerId: optionalId,
  resourceTeamId: optionalId,
  purposes: purposeText,
  capHours,
  preview: z.enum(["yes", "no"]).default("no"),
});
