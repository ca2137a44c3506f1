import * as z from "zod";
import { cursorText, searchText, sortOf } from "@/lib/platform/list-query";

/** The URL of the list of systems; whatever it says, the list opens. */
export const systemListSchema = z.object({
  q: searchText(),
  sort: sortOf(["name"], { key: "name", direction: "asc" }),
  after: cursorText(),
  before: cursorText(),
});

/** What a list of systems is asked for. */
export type SystemListQuery = z.output<typeof systemListSchema>;

/** An id in a path; anything else is "not found". */
export const systemIdSchema = z.guid();

/** The connector's last answer as `systems.check` keeps it. */
export const systemCheckSchema = z.object({
  serverVersion: z.string(),
  clockOffsetMs: z.number(),
  probeAccount: z.string().nullable(),
  grantable: z.array(z.string()),
  gaps: z.array(z.object({ what: z.string(), statement: z.string() })),
  limits: z.array(z.object({ code: z.string(), text: z.string() })),
});

/** Where a system is, as far as connectors say it alike. Never holds a secret. */
export const systemAddressSchema = z.object({
  host: z.string().optional(),
  port: z.number().optional(),
  database: z.string().optional(),
  sslmode: z.string().optional(),
});
