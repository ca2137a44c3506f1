import * as z from "zod";

const id = z.uuid();
const time = z.iso.datetime();
const count = z.number().int().nonnegative();
const text = z.string().max(500);

/** Events of the sources that Curfew learns of uses from. Their names stand beside the events. */
export const sourceEvents = {
  "source.made": { version: 1, data: z.strictObject({ sourceId: id, format: text, lagSeconds: count, isWatched: z.boolean() }) },
  "source.closed": { version: 1, data: z.strictObject({ sourceId: id }) },
  "source.file-read": { version: 1, data: z.strictObject({ sourceId: id, fileId: id, sha256: text, bytes: count, lines: count, rejected: count, uses: count, repeated: count, late: count }) },
  "source.token-made": { version: 1, data: z.strictObject({ sourceId: id, tokenId: id, expiresAt: time }) },
  "source.token-withdrawn": { version: 1, data: z.strictObject({ sourceId: id, tokenId: id }) },
  /** The source had said that everything up to its watermark was reported. */
  "use.arrived-late": { version: 1, data: z.strictObject({ sourceId: id, uses: count, oldestAt: time, watermark: time }) },
} as const satisfies Record<string, { version: number; data: z.ZodType }>;
