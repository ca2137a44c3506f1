import * as z from "zod";
import { stepUpAnswerSchema } from "@/lib/passkeys/schema";
import { riskCodes, type RiskPart } from "./risk";
import { mostTogether } from "./together";
import { commentKinds, mostEntitlements } from "./types";

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

/** Several ids in one field are parted by commas. */
const entitlementIdsSchema = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").filter((part) => part !== "") : value),
  z
    .array(z.uuid("Pick an entitlement."))
    .min(1, "Pick an entitlement.")
    .max(mostEntitlements, `At most ${mostEntitlements} accesses in one request.`)
    .refine((ids) => new Set(ids).size === ids.length, "The same access is picked twice."),
);

const reasonSchema = z.string().trim().min(10, "Say in a sentence why it is asked all the same (10 characters or more).").max(1000, "At most 1,000 characters.");
const idleField = z.coerce.number({ error: "Give the time without use as a number." }).int("Give whole minutes.").min(60, "At least 1 min without use.").max(86_400, "At most 1 d without use.");
const startSchema = z.preprocess(emptyToUndefined, z.iso.datetime({ offset: true, error: "Give the start as a date and time." }).transform((text) => new Date(text)).optional());
const otherRequestSchema = z.preprocess(emptyToUndefined, z.uuid().optional());

/** What a person or job asks for. */
export const askSchema = z.object({
  identityId: z.uuid("Pick an identity."),
  entitlementIds: entitlementIdsSchema,
  purpose: z.string().trim().min(1, "Pick a purpose.").max(60),
  intent: z.string().trim().min(10, "Say in a sentence what will be done (10 characters or more).").max(1000, "At most 1,000 characters."),
  ticketKey: z.preprocess(emptyToUndefined, ticketKeySchema.optional()),
  durationSeconds: durationSchema,
  maxUses: z.preprocess(
    emptyToUndefined,
    z.coerce.number({ error: "Give the number of uses as a number." }).int("Give a whole number of uses.").min(1, "At least 1 use.").max(10_000, "At most 10,000 uses.").optional(),
  ),
  /** It ends when it was not used for so long. */
  idleSeconds: z.preprocess(emptyToUndefined, idleField.optional()),
  /** Why it is asked although the identity holds it standing. */
  standingReason: z.preprocess(emptyToUndefined, reasonSchema.optional()),
  /** It cannot start before; what is over by now is at once. */
  notBefore: startSchema,
  /** The request whose live session it goes on with. */
  extendsId: otherRequestSchema,
  /** The denied request that it asks again. */
  afterId: otherRequestSchema,
});
export type Ask = z.output<typeof askSchema>;

/** The form's ask, with the key that makes a double click one request. */
export const submitRequestSchema = askSchema.extend({ idempotencyKey: z.uuid() });

/** What the form can already preview: everything but the sentences. */
export const previewSchema = askSchema.omit({ intent: true, standingReason: true });

const voteReasonSchema = z.string().trim().max(1000, "At most 1,000 characters.");
const boundSchema = z.preprocess(emptyToUndefined, z.coerce.number().int("Give a whole number.").min(1, "At least 1.").max(longest).optional());

/** What an approval gives: at most what is asked. Empty: as it is. */
const givingShape = {
  version: z.coerce.number().int().min(1),
  durationSeconds: durationSchema,
  maxUses: boundSchema,
  idleSeconds: boundSchema,
  leaveOut: z.preprocess((value) => (typeof value === "string" ? value.split(",").filter((part) => part !== "") : value), z.array(z.uuid()).max(mostEntitlements).optional()),
};

const saysWhyNot = ({ answer, reason }: { readonly answer: string; readonly reason: string }) => answer !== "deny" || reason.length >= 3;
const whyNotProblem = { path: ["reason"], error: "Give a reason (3 characters or more)." };

export const decideRequestSchema = z.object({
  requestId: z.uuid(),
  answer: z.enum(["approve", "deny"], { error: "Approve or deny." }),
  reason: voteReasonSchema,
  ...givingShape,
  /** What the passkey answered, where one is needed. */
  response: z.preprocess(emptyToUndefined, stepUpAnswerSchema.optional()),
}).refine(saysWhyNot, whyNotProblem);

/** What a passkey is asked to confirm before an approval. */
export const beginApprovalSchema = z.object({ requestId: z.uuid(), reason: voteReasonSchema, ...givingShape });

/** A request that somebody has on screen. */
export const lookSchema = z.object({ requestId: z.uuid(), version: z.coerce.number().int().min(1) });

/** Requests and the versions that were selected: `id:version`, parted by commas. */
const selectedSchema = z
  .string()
  .transform((text) => text.split(",").filter((part) => part !== "").map((part) => ({ requestId: part.slice(0, 36), version: Number(part.slice(37)) })))
  .pipe(z.array(z.object({ requestId: z.uuid(), version: z.int().min(1) })).min(1, "Select requests first.").max(mostTogether, `At most ${mostTogether} at once.`));

export const togetherSchema = z.object({ selected: selectedSchema });
export const decideTogetherSchema = z
  .object({ selected: selectedSchema, answer: z.enum(["approve", "deny"], { error: "Approve or deny." }), reason: voteReasonSchema })
  .refine(({ reason }) => reason.length >= 3, { path: ["reason"], error: "Give a reason (3 characters or more): it stands beside each of them." });

/** Requests of a list that do not wait any more. */
export const meanwhileSchema = z.object({ requestIds: z.preprocess((value) => (typeof value === "string" ? value.split(",") : value), z.array(z.uuid()).min(1).max(100)) });

export const writeCommentSchema = z.object({
  requestId: z.uuid(),
  kind: z.enum(commentKinds),
  answersId: otherRequestSchema,
  idempotencyKey: z.uuid(),
  text: z.string().trim().min(2, "Write something.").max(2000, "At most 2,000 characters."),
});

export const withdrawRequestSchema = z.object({ requestId: z.uuid() });

/** `SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>` (RFC 5803 form as PostgreSQL stores it). */
export const verifierSchema = z
  .string()
  .max(200)
  .regex(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22,44}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/, "Not a SCRAM-SHA-256 verifier.");

export const activateGrantSchema = z.object({ grantId: z.uuid(), idempotencyKey: z.uuid(), verifier: verifierSchema });

export const endGrantSchema = z.object({ grantId: z.uuid() });

/** Id, or `system/name`. */
const entitlementReference = z.union([z.uuid(), z.string().max(200).regex(/^[^/\s][^/]*\/.+$/)], { error: "An entitlement's id, or system/name." });

/** A workload's ask: always for itself, so it names no identity. */
export const workloadAskSchema = z.strictObject({
  /** One, or several instead of it. */
  entitlement: entitlementReference.optional(),
  entitlements: z.array(entitlementReference).min(1).max(mostEntitlements, `At most ${mostEntitlements} entitlements in one request.`).optional(),
  purpose: askSchema.shape.purpose,
  intent: askSchema.shape.intent,
  ticketKey: ticketKeySchema.optional(),
  durationSeconds: z.int().min(60).max(longest),
  maxUses: z.int().min(1).max(10_000).optional(),
  idleSeconds: z.int().min(60).max(86_400).optional(),
  standingReason: reasonSchema.optional(),
  /** It cannot start before. */
  notBefore: z.iso.datetime({ offset: true }).optional(),
  /** A request of its own whose live session it goes on with. */
  extends: z.uuid().optional(),
  idempotencyKey: z.uuid(),
}).refine(({ entitlement, entitlements }) => (entitlement === undefined) !== (entitlements === undefined), { error: "Give entitlement, or entitlements.", path: ["entitlement"] });

export const activateByApiSchema = z.strictObject({ idempotencyKey: z.uuid(), verifier: verifierSchema });
export const requestParamsSchema = z.object({ requestId: z.uuid() });
export const grantParamsSchema = z.object({ grantId: z.uuid() });

const partsSchema = z.array(z.object({ code: z.enum(riskCodes), points: z.number().int() }));

/** The arithmetic of a stored risk; none where it cannot be read. */
export function readRiskParts(json: unknown): readonly RiskPart[] {
  return partsSchema.safeParse(json).data ?? [];
}

/** Whether the arithmetic says that it is a first time; what cannot be read may be one. */
export function isFirstTime(json: unknown): boolean {
  const parts = partsSchema.safeParse(json).data;
  return !parts || parts.some(({ code }) => code === "first-time");
}
