import * as z from "zod";
import { cursorText, sortOf } from "@/lib/platform/list-query";
import { isCompleteByItself, plainFieldNames, whyNotMapping } from "./rules";
import { changeKinds, changes, importFormats } from "./types";

const environmentText = z.string().trim().min(1, "Say which environment this is.").max(60);

const heading = z.string().min(1).max(200);
/** Which column stands for which field. */
export const mappingSchema = z
  .partialRecord(z.enum(plainFieldNames), heading)
  .refine((mapping) => whyNotMapping(mapping) !== "name-missing", "One column must be the name or the id of the identity.")
  .refine((mapping) => whyNotMapping(mapping) !== "column-twice", "A column can stand for one field only.");

/** A mapping as a form sends it: JSON in one field. */
const mappingText = z
  .string()
  .max(10_000)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      context.addIssue({ code: "custom", message: "The mapping is not readable." });
      return z.NEVER;
    }
  })
  .pipe(mappingSchema);

const asOfText = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** Announces a file: what it is, what it is about, how its columns are called. */
export const announceImportSchema = z
  .object({
    systemId: z.union([z.uuid(), z.literal("")]).optional(),
    systemName: z.string().trim().max(100).optional(),
    environment: z.union([environmentText, z.literal("")]).optional(),
    fileName: z.string().trim().min(1).max(200),
    format: z.enum(importFormats),
    coverage: z.enum(["all", "part"]).optional(),
    mapping: mappingText.optional(),
    asOf: z.union([asOfText, z.literal("")]).optional(),
  })
  .transform((input) => ({
    systemId: input.systemId || null,
    newSystem: input.systemId ? null : { name: input.systemName ?? "", environment: input.environment ?? "" },
    fileName: input.fileName,
    format: input.format,
    isComplete: isCompleteByItself(input.format) ?? input.coverage === "all",
    mapping: input.mapping ?? null,
    asOf: input.asOf instanceof Date ? input.asOf : null,
  }))
  .refine((input) => input.newSystem === null || input.newSystem.name !== "", { path: ["systemName"], message: "Say which system this file is about." })
  .refine((input) => input.newSystem === null || input.newSystem.environment !== "", { path: ["environment"], message: "Say which environment this is." });

export type Announcement = z.output<typeof announceImportSchema>;

export const importIdSchema = z.object({ importId: z.guid() });

export const confirmImportSchema = importIdSchema.extend({ digest: z.string().regex(/^[0-9a-f]{64}$/) });

/** The URL of the list of imports. */
export const importListSchema = z.object({
  sort: sortOf(["started"], { key: "started", direction: "desc" }),
  after: cursorText(),
  before: cursorText(),
});
export type ImportListQuery = z.output<typeof importListSchema>;

const oneOf = <const Word extends string>(words: readonly Word[]) =>
  z.unknown().optional().transform((input) => words.find((word) => word === input) ?? null);
const place = z.unknown().optional().transform((input) => (typeof input === "string" && /^\d{1,9}$/.test(input) ? Number(input) : null));

/** The URL of one import's page: which differences, from where on. */
export const importPageSchema = z.object({
  change: oneOf([...changes, "contradictions"] as const),
  kind: oneOf(changeKinds),
  after: place,
  before: place,
});
export type ImportPageQuery = z.output<typeof importPageSchema>;

/** What a machine says about the file that it sends. */
export const sendImportSchema = z.object({
  format: z.enum(importFormats),
  coverage: z.enum(["all", "part"]).default("part"),
  name: z.string().trim().min(1).max(200).default("sent by a machine"),
  mapping: mappingText.optional(),
  asOf: asOfText.optional(),
});

export const makeTokenSchema = z.object({
  systemId: z.uuid(),
  name: z.string().trim().min(1, "Say which machine uses it.").max(100),
  days: z.coerce.number().int().min(1).max(366).default(90),
});
export const withdrawTokenSchema = z.object({ tokenId: z.uuid() });
