import * as z from "zod";

const id = z.uuid();
const time = z.iso.datetime();
const seconds = z.number().int().nonnegative();
const text = z.string().max(500);

/** Events of emergencies: from the breaking of a glass to the closing of its debt, the list for the worst day, sealed credentials. */
export const emergencyEvents = {
  "break-glass.asked": {
    version: 1,
    data: z.strictObject({
      breakGlassId: id, incident: text, incidentCheck: text, basis: text, entryId: id.nullable(), durationSeconds: seconds, flags: z.array(text),
      secondAsked: z.array(id), secondDueAt: time.nullable(), proofId: id.nullable(),
    }),
  },
  "break-glass.refused": { version: 1, data: z.strictObject({ identityId: id.nullable(), entitlementId: id.nullable(), code: text }) },
  "break-glass.second-answered": { version: 1, data: z.strictObject({ breakGlassId: id, answer: z.enum(["confirm", "decline"]) }) },
  "break-glass.second-unanswered": { version: 1, data: z.strictObject({ breakGlassId: id, asked: z.array(id) }) },
  "break-glass.opened": {
    version: 1,
    data: z.strictObject({ breakGlassId: id, grantId: id, basis: text, flags: z.array(text), durationSeconds: seconds, skipped: z.array(id) }),
  },
  "break-glass.superseded": { version: 1, data: z.strictObject({ breakGlassId: id }) },
  "break-glass.withdrawn": { version: 1, data: z.strictObject({ breakGlassId: id }) },
  "break-glass.debt-opened": { version: 1, data: z.strictObject({ breakGlassId: id, size: z.number().int(), dueAt: time }) },
  "break-glass.debt-overdue": { version: 1, data: z.strictObject({ breakGlassId: id, size: z.number().int(), dueAt: time }) },
  "break-glass.debt-closed": {
    version: 1,
    data: z.strictObject({ breakGlassId: id, verdict: text, uses: z.number().int(), statements: z.number().int().nullable(), isLate: z.boolean() }),
  },
  "break-glass.debt-refused": { version: 1, data: z.strictObject({ breakGlassId: id, code: text }) },
  "break-glass.listed": { version: 1, data: z.strictObject({ entryId: id, personId: id.nullable(), teamId: id.nullable(), until: time }) },
  "break-glass.unlisted": { version: 1, data: z.strictObject({ entryId: id }) },
  "break-glass.drilled": { version: 1, data: z.strictObject({ drillId: id, checked: z.number().int(), failing: z.array(id) }) },
  "break-glass.seal-registered": { version: 1, data: z.strictObject({ sealedId: id, credentialId: id, holderId: id, sealedAt: time, checkEveryDays: z.number().int() }) },
  "break-glass.seal-checked": { version: 1, data: z.strictObject({ sealedId: id, outcome: text }) },
  "break-glass.seal-overdue": { version: 1, data: z.strictObject({ sealedId: id, dueAt: time }) },
  "break-glass.seal-used": { version: 1, data: z.strictObject({ sealedId: id, usedAt: time }) },
  "break-glass.seal-retired": { version: 1, data: z.strictObject({ sealedId: id }) },
} as const;
