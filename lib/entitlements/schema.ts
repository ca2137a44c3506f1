import * as z from "zod";

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
