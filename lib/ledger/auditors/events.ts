import * as z from "zod";

const id = z.uuid();
const day = z.iso.date();

/** Events of what auditors may see, and of what they looked at. */
export const auditorEvents = {
  "auditor.engaged": {
    version: 1,
    data: z.strictObject({ engagementId: id, personId: id, until: z.iso.datetime(), fromDay: day, toDay: day, systemIds: z.array(id), names: z.boolean() }),
  },
  "auditor.engagement-ended": { version: 1, data: z.strictObject({ engagementId: id }) },
  "auditor.engagement-removed": { version: 1, data: z.strictObject({ engagementId: id }) },
  /** The looks of one day: how many, and the hash of their lines. */
  "auditor.looks-digested": { version: 1, data: z.strictObject({ day, count: z.number().int().positive(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }) },
} as const satisfies Record<string, { version: number; data: z.ZodType }>;
