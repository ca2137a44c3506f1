import * as z from "zod";
import { confirmEnrolSchema } from "@/lib/passkeys/schema";
import { ticketKeySchema } from "@/lib/requests/schema";
import { longestBreakGlassSeconds } from "@/lib/policies/break-glass";
import type { BreakGlassAnswer } from "@/lib/policies/types";
import { sealOutcomes, secondAnswers, verdicts } from "./types";

/** An id in a path; anything else is "not found". */
export const breakGlassIdSchema = z.uuid();

const emptyToUndefined = (value: unknown) => (value === "" ? undefined : value);
const reason = z.string().trim().min(10, "Say what is broken, in a sentence (10 characters or more).").max(1_000, "At most 1,000 characters.");

/** What somebody asks for when they break the glass, before a passkey confirms it. */
export const breakSchema = z.object({
  identityId: z.uuid("Pick an identity."),
  entitlementId: z.uuid("Pick an entitlement."),
  incident: ticketKeySchema.min(1, "Name the incident."),
  reason,
  durationSeconds: z.coerce.number({ error: "Choose for how long." }).int().min(60, "The shortest time is 1 min.").max(longestBreakGlassSeconds, "No broken glass lasts longer than 1 h."),
  escalates: z.preprocess(emptyToUndefined, z.uuid().optional()),
  understood: z.literal("yes", { error: "Confirm that you know what follows." }),
  idempotencyKey: z.uuid(),
});

/** What the form can preview: what policy says and who would be told. */
export const previewSchema = breakSchema.pick({ identityId: true, entitlementId: true }).extend({ incident: z.preprocess(emptyToUndefined, ticketKeySchema.optional()) });

const one = (value: unknown) => (Array.isArray(value) ? (value as unknown[])[0] : value);

/** What a link to the form may fill in. */
export const startSchema = z.object({
  identity: z.preprocess(one, z.uuid().optional().catch(undefined)),
  entitlement: z.preprocess(one, z.uuid().optional().catch(undefined)),
  request: z.preprocess(one, z.uuid().optional().catch(undefined)),
});

/** Where a page of the past begins. */
export const pageSchema = z.object({ before: z.preprocess(one, z.string().regex(/^[1-9]\d{0,9}$/).nullable().catch(null).default(null)) });

/** The same with the passkey's answer. */
export const breakWithPasskeySchema = breakSchema.extend({ response: confirmEnrolSchema.shape.response });

export const secondSchema = z.object({
  breakGlassId: z.uuid(),
  answer: z.enum(secondAnswers, "Confirm or decline.").exclude(["unanswered"]),
  reason: z.string().trim().min(3, "Give a reason (3 characters or more).").max(1_000, "At most 1,000 characters."),
});

export const withdrawSchema = z.object({ breakGlassId: z.uuid() });

export const closeDebtSchema = z.object({
  breakGlassId: z.uuid(),
  verdict: z.enum(verdicts, "Choose what the review found."),
  findings: z.string().trim().min(10, "Say what you looked at and what you found (10 characters or more).").max(4_000, "At most 4,000 characters."),
});

/** An entry of the list for the worst day: one person, or whoever is on call for a team. */
export const entrySchema = z
  .object({
    holder: z.string().regex(/^(person|team):[0-9a-f-]{36}$/, "Pick a person or a team."),
    entitlementId: z.uuid("Pick an entitlement."),
    days: z.coerce.number({ error: "Choose for how long." }).int().min(1, "At least a day.").max(366, "At most a year."),
    reason: z.string().trim().min(10, "Say why, in a sentence (10 characters or more).").max(1_000, "At most 1,000 characters."),
  })
  .transform(({ holder, ...rest }) => {
    const [kind, id = ""] = holder.split(":", 2);
    return { ...rest, personId: kind === "person" ? id : null, teamId: kind === "team" ? id : null };
  });

export const endEntrySchema = z.object({ entryId: z.uuid() });

export const sealSchema = z.object({
  name: z.string().trim().min(3, "Give it a name.").max(80, "At most 80 characters."),
  credentialId: z.uuid("Pick the credential."),
  keptWhere: z.string().trim().min(10, "Say where it is kept (10 characters or more), never the secret itself.").max(500, "At most 500 characters."),
  holderId: z.uuid("Pick who holds the numbers of the seals."),
  sealedAt: z.iso.date("Give the day on which it was sealed."),
  checkEveryDays: z.coerce.number({ error: "Give the days between checks." }).int().min(1, "At least a day.").max(366, "At most a year."),
});

export const sealCheckSchema = z.object({
  sealedId: z.uuid(),
  outcome: z.enum(sealOutcomes, "Choose what you saw."),
  note: z.string().trim().min(5, "Say what you saw, in a few words.").max(1_000, "At most 1,000 characters."),
});

export const retireSealSchema = z.object({ sealedId: z.uuid() });

const storedSchema = z.object({
  policyHash: z.string(),
  inputHash: z.string(),
  input: z.json(),
  outcome: z.string(),
  determining: z.array(z.string()),
  reasons: z.array(z.object({ policyId: z.string().nullable(), text: z.string() })),
  obligations: z.json(),
});

/** What is kept of the policy's answer: what it was asked, what it said and why. */
export function storedAnswerOf(answer: BreakGlassAnswer) {
  const { policyHash, inputHash, input, outcome, determining, reasons, terms } = answer;
  return storedSchema.parse(JSON.parse(JSON.stringify({ policyHash, inputHash, input: input ?? {}, outcome, determining, reasons, obligations: terms ?? {} })));
}

/** The same as it stands in the database. */
export function parseStoredAnswer(json: unknown) {
  const { input, obligations, ...rest } = storedSchema.parse(json);
  return { ...rest, input: input ?? {}, obligations: obligations ?? {} };
}
