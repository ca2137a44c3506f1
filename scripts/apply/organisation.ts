import * as z from "zod";
import { roles } from "@/lib/auth/permissions";
import { sensitivities } from "@/lib/entitlements/types";
import { identityKinds } from "@/lib/identities/types";

const name = z.string().trim().min(1).max(200);
/** A person's email address or OIDC subject. */
const person = name;

/**
 * What an installation is told by file, until each of it has a screen: who is who, which systems there are, what their group
 * roles are for, who answers for which identity. Applying it twice changes nothing.
 */
export const organisationSchema = z.strictObject({
  people: z
    .array(z.strictObject({ subject: name, name, email: z.email().nullable().default(null), roles: z.array(z.enum(roles)).default([]), teams: z.array(name).default([]) }))
    .default([]),
  systems: z
    .array(
      z.strictObject({
        name,
        connector: z.string().default("postgres@1"),
        environment: name,
        config: z.record(z.string(), z.json()),
        /** Each password as `env:NAME`, so that it stands in no file. */
        secrets: z.json(),
      }),
    )
    .default([]),
  entitlements: z
    .array(
      z.strictObject({
        system: name,
        /** The group role on the target. */
        role: name,
        name,
        description: z.string().max(1000),
        sensitivity: z.enum(sensitivities),
        owner: person.nullable().default(null),
        team: name.nullable().default(null),
        purposes: z.array(name).min(1),
        maxDurationSeconds: z.int().positive().nullable().default(null),
      }),
    )
    .default([]),
  identities: z
    .array(
      z.strictObject({
        system: name,
        /** The login role on the target. */
        handle: name,
        kind: z.enum(identityKinds),
        environment: name,
        description: z.string().max(1000).nullable().default(null),
        owner: person,
        sponsor: person,
        backup: person.nullable().default(null),
        team: name.nullable().default(null),
        workload: z.strictObject({ issuer: z.url(), subject: name }).nullable().default(null),
      }),
    )
    .default([]),
});

export type Organisation = z.output<typeof organisationSchema>;

/** Replaces every `env:NAME` by that variable's value; names what is missing, never a value. */
export function withSecrets(value: unknown, source: Readonly<Record<string, string | undefined>>): unknown {
  if (Array.isArray(value)) return value.map((item) => withSecrets(item, source));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSecrets(item, source)]));
  }
  if (typeof value !== "string" || !value.startsWith("env:")) return value;
  const found = source[value.slice(4)];
  if (!found) throw new RangeError(`${value.slice(4)} is not set, but the file asks for it (${value})`);
  return found;
}
