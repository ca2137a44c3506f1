import * as z from "zod";
import { identityKinds } from "./types";

/** An id in a path; anything else is "not found". */
export const identityIdSchema = z.guid();

/** The path of what belongs to one identity. */
export const identityParamsSchema = z.object({ identityId: identityIdSchema });

const behind = z.guid().nullable().catch(null).default(null);

/** Which page of each part of an identity's page the address asks for; what means nothing is the first. */
export const identityPartsSchema = z.object({
  holds: behind,
  credentials: behind,
  grants: behind,
  history: z.string().regex(/^\d{1,18}$/).transform(BigInt).nullable().catch(null).default(null),
});

/** What discovery wrote into `credentials.facts`. */
export const credentialFactsSchema = z.object({
  superuser: z.boolean().default(false),
  canCreateRoles: z.boolean().default(false),
  memberOf: z
    .array(z.object({ name: z.string(), inherited: z.boolean().default(true), withAdmin: z.boolean().default(false) }))
    .default([]),
});

const environmentName = z.string().trim().regex(/^[\w .-]{1,64}$/, "Letters, digits, spaces, dots and dashes; at most 64.");
const freeText = (most: number) => z.string().trim().max(most).default("").transform((text) => (text === "" ? null : text));
const optionalId = z.union([z.guid(), z.literal("")], "Choose one of the offered entries.").default("").transform((id) => (id === "" ? null : id));

/** Words separated by commas, as a form's one field sends them. */
const tagText = z
  .string()
  .max(1_000)
  .default("")
  .transform((text) => text.split(",").map((tag) => tag.trim()).filter((tag) => tag !== ""))
  .pipe(z.array(z.string().max(40, "A tag has at most 40 characters.")).max(20, "At most 20 tags."));

const detailFields = {
  kind: z.enum(identityKinds, "Choose one of the offered values."),
  environment: environmentName,
  description: freeText(2_000),
  ownerId: optionalId,
  sponsorId: optionalId,
  backupId: optionalId,
  teamId: optionalId,
  vendor: freeText(120),
  tags: tagText,
};

/** Input of "change who answers for an identity and what is said about it". */
export const editIdentitySchema = z.object({ identityId: z.guid(), ...detailFields });

/** Input of "register an identity by hand". */
export const registerIdentitySchema = z.object({ name: z.string().trim().min(1).max(200), ...detailFields });

/** Most identities that one bulk action takes. */
export const mostInBulk = 1_000;

const manyIdsText = z
  .string()
  .transform((text) => text.split(",").filter((id) => id !== ""))
  .pipe(z.array(z.guid()).min(1).max(mostInBulk));
const previewWord = z.enum(["yes", "no"]).default("no");

/** Input of "name an owner or a sponsor for many": ids in one field, separated by commas; `preview` = `yes` changes nothing. */
export const answerForManySchema = z
  .object({ ids: manyIdsText, ownerId: optionalId, sponsorId: optionalId, preview: previewWord })
  .refine(({ ownerId, sponsorId }) => ownerId !== null || sponsorId !== null, { error: "Name an owner, a sponsor or both.", path: ["ownerId"] });

/** Input of "add tags to many". */
export const tagManySchema = z
  .object({ ids: manyIdsText, tags: tagText, preview: previewWord })
  .refine(({ tags }) => tags.length > 0, { error: "Give at least one tag.", path: ["tags"] });
