import * as z from "zod";

const longest = 30 * 24 * 3600;

/** Duration in seconds from a form or API: whole, positive, at most 30 days (caps and policy are stricter). */
export const durationSchema = z.coerce
  .number({ error: "Give a duration as a number." })
  .int("Give whole seconds.")
  .min(60, "The shortest duration is 1 min.")
  .max(longest, "The longest duration is 30 d.");

/** A ticket key as ticket systems write them: CHG-482, #123, RT 77. */
export const ticketKeySchema = z
  .string()
  .trim()
  .max(60, "A ticket key has at most 60 characters.")
  .regex(/^[A-Za-z0-9][A-Za-z0-9 #/_.-]*$|^#[0-9]+$/, "A ticket key holds letters, digits and - _ . / # only, for example CHG-482.");

const emptyToUndefined = (value: unknown) => (typeof value === "string" && value.trim() === "" ? undefined : value);

/** What a person or job asks for. */
export const askSchema = z.object({
  identityId: z.uuid("Pick an identity."),
  entitlementId: z.uuid("Pick an entitlement."),
  purpose: z.string().trim().min(1, "Pick a purpose.").max(60),
  intent: z.string().trim().min(10, "Say in a sentence what will be done (10 characters or more).").max(1000, "At most 1,000 characters."),
  ticketKey: z.preprocess(emptyToUndefined, ticketKeySchema.optional()),
  durationSeconds: durationSchema,
  maxUses: z.preprocess(
    emptyToUndefined,
    z.coerce.number({ error: "Give the number of uses as a number." }).int("Give a whole number of uses.").min(1, "At least 1 use.").max(10_000, "At most 10,000 uses.").optional(),
  ),
});
export type Ask = z.output<typeof askSchema>;

/** The form's ask, with the key that makes a double click one request. */
export const submitRequestSchema = askSchema.extend({ idempotencyKey: z.uuid() });

/** What the form can already preview: everything but the sentence. */
export const previewSchema = askSchema.omit({ intent: true });

export const decideRequestSchema = z.object({
  requestId: z.uuid(),
  answer: z.enum(["approve", "deny"], { error: "Approve or deny." }),
  reason: z.string().trim().min(3, "Give a reason (3 characters or more).").max(1000, "At most 1,000 characters."),
  version: z.coerce.number().int().min(1),
  durationSeconds: durationSchema,
});

export const withdrawRequestSchema = z.object({ requestId: z.uuid() });

/** `SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>` (RFC 5803 form as PostgreSQL stores it). */
export const verifierSchema = z
  .string()
  .max(200)
  .regex(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22,44}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/, "Not a SCRAM-SHA-256 verifier.");

export const activateGrantSchema = z.object({ grantId: z.uuid(), idempotencyKey: z.uuid(), verifier: verifierSchema });

export const endGrantSchema = z.object({ grantId: z.uuid() });

/** A workload's ask: always for itself, so it names no identity. */
export const workloadAskSchema = z.strictObject({
  /** Id, or `system/name`. */
  entitlement: z.union([z.uuid(), z.string().max(200).regex(/^[^/\s][^/]*\/.+$/)], { error: "An entitlement's id, or system/name." }),
  purpose: askSchema.shape.purpose,
  intent: askSchema.shape.intent,
  ticketKey: ticketKeySchema.optional(),
  durationSeconds: z.int().min(60).max(longest),
  maxUses: z.int().min(1).max(10_000).optional(),
  idempotencyKey: z.uuid(),
});

export const activateByApiSchema = z.strictObject({ idempotencyKey: z.uuid(), verifier: verifierSchema });
export const requestParamsSchema = z.object({ requestId: z.uuid() });
export const grantParamsSchema = z.object({ grantId: z.uuid() });
