import * as z from "zod";

/** One group of people by id, as a stage keeps it. */
export const groupSchema = z.discriminatedUnion("kind", [
  /** The owners of these entitlements, as they are when somebody looks. */
  z.strictObject({ kind: z.literal("resource-owner"), entitlementIds: z.array(z.uuid()) }),
  z.strictObject({ kind: z.literal("identity-owner") }),
  z.strictObject({ kind: z.literal("identity-sponsor") }),
  z.strictObject({ kind: z.literal("team"), id: z.uuid() }),
  z.strictObject({ kind: z.literal("on-call"), id: z.uuid() }),
  z.strictObject({ kind: z.literal("person"), id: z.uuid() }),
  z.strictObject({ kind: z.literal("role"), role: z.string() }),
  /** Policy names somebody or something that is not here, or several at once. */
  z.strictObject({ kind: z.literal("unknown"), name: z.string() }),
]);
export type Group = z.output<typeof groupSchema>;

export const groupsSchema = z.array(groupSchema);
