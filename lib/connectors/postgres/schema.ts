import * as z from "zod";

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** A name on the target. PostgreSQL cuts longer ones silently, so that they would name something else. */
const identifier = z
  .string()
  .min(1, "A name is needed.")
  .refine((name) => byteLength(name) <= 63, "PostgreSQL names have at most 63 bytes.")
  .refine((name) => !name.includes("\0"), "A name holds no NUL.");

const host = z
  .string()
  .trim()
  .min(1, "A host is needed.")
  .max(253, "A host name has at most 253 letters.")
  .regex(/^[A-Za-z0-9.:_-]+$/, "A host name or an IP address.");

const port = z.number().int().min(1, "A port is 1 to 65535.").max(65_535, "A port is 1 to 65535.");

/** Where the target is. */
export const postgresConfigSchema = z
  .object({
    host,
    port: port.default(5432),
    /** The database for roles' administration and, unless an entitlement names another, for the holders. */
    database: identifier.default("postgres"),
    /** `require` encrypts without checking who answers; `verify-full` checks certificate and host name. */
    sslmode: z.enum(["disable", "require", "verify-full"]).default("verify-full"),
    /** PEM of the authority that signed the target's certificate, when it is not a public one. */
    ca: z.string().max(100_000).startsWith("-----BEGIN CERTIFICATE-----", "A certificate in PEM form.").optional(),
    /** Gets what a session leaves behind: a role that cannot log in and has no privilege. */
    atticRole: identifier.default("curfew_attic"),
    /** What holders are told to connect to, when it differs from what Curfew itself connects to. */
    connectionHost: host.optional(),
    connectionPort: port.optional(),
  })
  .strict();

const account = z.object({ user: identifier, password: z.string().min(1).max(1000) }).strict();

/** How Curfew signs in to the target: one account that acts and, apart from it, one that only looks. */
export const postgresSecretsSchema = z
  .object({ connector: account, probe: account.nullable() })
  .strict()
  .refine(({ connector, probe }) => probe?.user !== connector.user, {
    path: ["probe", "user"],
    message: "The probe needs an account of its own: a proof by the account that did the work proves little.",
  });

/** What an entitlement points to: membership in one group role. */
export const postgresTargetSchema = z.object({ groupRole: identifier, database: identifier.optional() }).strict();

export type PostgresConfig = z.infer<typeof postgresConfigSchema>;
export type PostgresAccount = z.infer<typeof account>;
export type PostgresSecrets = z.infer<typeof postgresSecretsSchema>;
export type PostgresTarget = z.infer<typeof postgresTargetSchema>;
