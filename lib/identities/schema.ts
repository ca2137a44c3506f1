import * as z from "zod";
import { cursorText, manyIds, manyOf, searchText, sortOf } from "@/lib/platform/list-query";
import { identityKinds, identityStates } from "./types";

/** What the list of identities can be sorted by. */
export const identitySorts = ["name", "lastActive"] as const;

const environmentText = z.string().regex(/^[\w .-]{1,64}$/);

/** The URL of the list of identities; whatever it says, the list opens. */
export const identityListSchema = z.object({
  q: searchText(),
  kind: manyOf(identityKinds),
  state: manyOf(identityStates),
  environment: z
    .unknown()
    .optional()
    .transform((input) => {
      const words = typeof input === "string" ? input.split(",") : [];
      return words.filter((word) => environmentText.safeParse(word).success).slice(0, 20);
    }),
  owner: manyIds(),
  sort: sortOf(identitySorts, { key: "name", direction: "asc" }),
  after: cursorText(),
  before: cursorText(),
});

/** What a list of identities is asked for. */
export type IdentityListQuery = z.output<typeof identityListSchema>;

/** An id in a path; anything else is "not found". */
export const identityIdSchema = z.guid();

/** What discovery wrote into `credentials.facts`. */
export const credentialFactsSchema = z.object({
  superuser: z.boolean().default(false),
  canCreateRoles: z.boolean().default(false),
  memberOf: z
    .array(z.object({ name: z.string(), inherited: z.boolean().default(true), withAdmin: z.boolean().default(false) }))
    .default([]),
});
