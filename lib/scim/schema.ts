import * as z from "zod";
import type { UserAttributes } from "./types";

export const userSchemaId = "urn:ietf:params:scim:schemas:core:2.0:User";
export const groupSchemaId = "urn:ietf:params:scim:schemas:core:2.0:Group";
export const listSchemaId = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
export const errorSchemaId = "urn:ietf:params:scim:api:messages:2.0:Error";

/** Entra ID sends "True" and "False" as text unless told otherwise. */
const flag = z.union([z.boolean(), z.string().regex(/^(true|false)$/i).transform((text) => text.toLowerCase() === "true")]);
const line = (longest: number) => z.string().trim().max(longest);
const optionalLine = (longest: number) => line(longest).nullish().transform((text) => text || null);

/** A user as a client sends one; what is not listed is dropped, passwords among it. */
export const scimUserSchema = z
  .object({
    userName: line(255).min(1),
    externalId: optionalLine(255),
    active: flag.nullish().transform((value) => value ?? true),
    displayName: optionalLine(200),
    title: optionalLine(200),
    name: z
      .object({ formatted: line(200).optional(), givenName: line(200).optional(), familyName: line(200).optional() })
      .partial()
      .nullish()
      .transform((name) => name ?? {}),
    emails: z
      .array(z.object({ value: line(320), type: line(50).optional(), primary: flag.optional() }))
      .max(20)
      .nullish()
      .transform((emails) => (emails ?? []).filter(({ value }) => value !== "")),
  })
  .transform((user): UserAttributes => user);

const member = z.object({ value: z.string().min(1).max(100) });
/** Most members of one group, and of one change of it. */
export const mostMembers = 10_000;

/** A group as a client sends one. */
export const scimGroupSchema = z.object({
  displayName: line(200).min(1),
  externalId: optionalLine(255),
  members: z.array(member).max(mostMembers).nullish().transform((members) => (members ?? []).map(({ value }) => value)),
});

/** A PATCH body. `op` in any case, `value` of any kind: what it may be depends on the path. */
export const scimPatchSchema = z.object({
  Operations: z
    .array(
      z.object({
        op: z.string().transform((op) => op.toLowerCase()).pipe(z.enum(["add", "replace", "remove"])),
        path: z.string().max(300).nullish(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(1_000),
});
export type PatchOperation = z.output<typeof scimPatchSchema>["Operations"][number];

const whole = (least: number, most: number, usual: number) =>
  z
    .string()
    .optional()
    .transform((text) => {
      const value = Number(text);
      return text !== undefined && Number.isInteger(value) ? Math.min(Math.max(value, least), most) : usual;
    });

/** The query of a list. Pages are bounded, whatever is asked for. */
export const scimListSchema = z.object({
  filter: z.string().max(1_000).optional(),
  startIndex: whole(1, 1_000_000, 1),
  count: whole(0, 200, 100),
  attributes: z.string().max(500).optional(),
  excludedAttributes: z.string().max(500).optional(),
});
export type ScimList = z.output<typeof scimListSchema>;

/** The query of one resource. */
export const scimOneSchema = z.object({ attributes: z.string().max(500).optional(), excludedAttributes: z.string().max(500).optional() });

/** The id in an address; anything else is "not found". */
export const scimIdSchema = z.object({ id: z.uuid() });

/** Input of "make a token". */
export const scimTokenSchema = z.object({ name: z.string().trim().min(1).max(80) });

/** Input of "withdraw a token". */
export const scimTokenIdSchema = z.object({ tokenId: z.uuid() });

/** Input of an answer to a stop. Nothing is pre-selected. */
export const leavingStopSchema = z.object({ stopId: z.uuid(), answer: z.enum(["apply", "refuse"]) });
