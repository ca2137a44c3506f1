import * as z from "zod";
import { cursorText, sortOf } from "@/lib/platform/list-query";
import { sourceFormats } from "./types";

const nameText = z.string().trim().min(1, "Give it a name.").max(100);

/** A folder below the watched one: one name, nothing that leads elsewhere. */
const folderText = z.string().trim().regex(/^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,99})?$/, "One folder name: letters, digits, dot, dash and underscore.");

export const makeSourceSchema = z.object({
  systemId: z.uuid("Say which system it is about."),
  name: nameText,
  format: z.enum(sourceFormats, "Say how its lines are written."),
  lagSeconds: z.union([z.literal(""), z.coerce.number().int().min(0).max(604_800, "At most a week.")]).optional(),
  folder: folderText.optional(),
});
export type MakeSource = z.output<typeof makeSourceSchema>;

export const sourceIdSchema = z.object({ sourceId: z.guid() });

export const sendLogSchema = z.object({ name: z.string().min(1).max(200).default("a file") });

/** What a machine may say besides the lines: up to when it has reported everything. */
export const sendUsesSchema = z.object({ completeUntil: z.iso.datetime({ offset: true }).transform((text) => new Date(text)).optional() });

export const makeSourceTokenSchema = sourceIdSchema.extend({ name: nameText, days: z.coerce.number().int().min(1, "At least one day.").max(365, "At most a year.") });

export const withdrawSourceTokenSchema = z.object({ tokenId: z.guid() });

/** The URL of the list of sources. */
export const sourceListSchema = z.object({
  sort: sortOf(["name"], { key: "name", direction: "asc" }),
  after: cursorText(),
  before: cursorText(),
});
export type SourceListQuery = z.output<typeof sourceListSchema>;
