import * as z from "zod";

const id = z.uuid();
const time = z.iso.datetime();
const text = z.string().max(500);

/** Events of tickets, their systems and the register of changes. */
export const ticketEvents = {
  "ticket.checked": {
    version: 1,
    data: z.strictObject({
      moment: z.enum(["request", "vote", "activation", "recheck"]),
      providerId: id,
      ticketKey: text,
      // Of the snapshot that was kept; null where the provider said that there is no such ticket.
      hash: text.nullable(),
      fetchedAt: time.nullable(),
      reasons: z.array(text),
    }),
  },
  "ticket.provider-saved": {
    version: 1,
    data: z.strictObject({ providerId: id, kind: text, mayBeInside: z.boolean(), isEnabled: z.boolean(), isNew: z.boolean(), rules: z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())])) }),
  },
  "ticket.provider-down": { version: 1, data: z.strictObject({ providerId: id, kind: text }) },
  "ticket.provider-answers": { version: 1, data: z.strictObject({ providerId: id }) },
  "ticket.unknown-keys-set": { version: 1, data: z.strictObject({ takesUnknown: z.boolean() }) },
  "ticket.commented": { version: 1, data: z.strictObject({ kind: text, commentId: id }) },
  "ticket.comment-dead": { version: 1, data: z.strictObject({ kind: text, commentId: id, attempts: z.number().int() }) },
  "ticket.change-registered": {
    version: 1,
    data: z.strictObject({ changeId: id, ticketKey: text, windowFrom: time.nullable(), windowUntil: time.nullable(), systemIds: z.array(id), identityIds: z.array(id) }),
  },
  "ticket.change-submitted": { version: 1, data: z.strictObject({ changeId: id, ticketKey: text }) },
  "ticket.change-approved": { version: 1, data: z.strictObject({ changeId: id, ticketKey: text }) },
  "ticket.change-closed": { version: 1, data: z.strictObject({ changeId: id, ticketKey: text }) },
} as const;
