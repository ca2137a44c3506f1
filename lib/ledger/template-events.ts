import * as z from "zod";

const id = z.uuid();
const seconds = z.number().int().nonnegative();
const text = z.string().max(500);

/** Events of requests that are kept to be asked again. Their names and sentences stand beside the events. */
export const templateEvents = {
  "request-template.kept": {
    version: 1,
    data: z.strictObject({ templateId: id, identityId: id.nullable(), entitlementIds: z.array(id), purpose: text, durationSeconds: seconds, teamId: id.nullable() }),
  },
  "request-template.changed": { version: 1, data: z.strictObject({ templateId: id, renamed: z.boolean(), team: z.strictObject({ from: id.nullable(), to: id.nullable() }).optional() }) },
  "request-template.removed": { version: 1, data: z.strictObject({ templateId: id }) },
} as const satisfies Record<string, { version: number; data: z.ZodType }>;
