import * as z from "zod";
import { postgresConfigSchema, postgresSecretsSchema } from "@/lib/connectors/postgres/schema";

const given = z.string().trim().max(100_000).transform((text) => text || undefined);

/** Where it is and how to sign in to it. */
const connection = z.object({
  host: z.string(),
  port: given,
  database: given,
  sslmode: given,
  ca: given,
  user: z.string().trim(),
  password: z.string(),
  probeUser: given,
  probePassword: z.string().optional().default(""),
});

/** Where each part of the connector's own schema stands on the form. */
const fieldOf: Readonly<Record<string, string>> = {
  "connector.user": "user",
  "connector.password": "password",
  "probe.user": "probeUser",
  "probe.password": "probePassword",
};

function copyIssues(error: z.ZodError, context: z.core.$RefinementCtx): void {
  for (const { path, message } of error.issues) {
    const place = path.join(".");
    context.addIssue({ code: "custom", path: [fieldOf[place] ?? place], message });
  }
}

function read(fields: z.output<typeof connection>, context: z.core.$RefinementCtx) {
  const { user, password, probeUser, probePassword, port, host, database, sslmode, ca } = fields;
  const config = postgresConfigSchema.safeParse({ host, database, sslmode, ca, ...(port === undefined ? {} : { port: Number(port) }) });
  const secrets = postgresSecretsSchema.safeParse({
    connector: { user, password },
    probe: probeUser === undefined ? null : { user: probeUser, password: probePassword },
  });
  if (config.error) copyIssues(config.error, context);
  if (secrets.error) copyIssues(secrets.error, context);
  return config.success && secrets.success ? { config: config.data, secrets: secrets.data } : z.NEVER;
}

const named = z.object({
  name: z.string().trim().min(1, "A name is needed.").max(80, "At most 80 characters."),
  environment: z.string().trim().min(1, "Say which environment this is.").max(60, "At most 60 characters."),
});

/**
 * The form that connects a PostgreSQL server: flat fields in, what the connector's own schemas made of them out. The two
 * accounts must differ, since a proof by the account that did the work proves little.
 */
export const connectSystemSchema = named.extend(connection.shape).transform((fields, context) => {
  const { name, environment } = fields;
  const parts = read(fields, context);
  return { name, environment, ...parts };
});

/** The same for a system that is connected already. */
export const reconnectSystemSchema = connection.extend({ systemId: z.guid() }).transform((fields, context) => {
  const parts = read(fields, context);
  return { systemId: fields.systemId, ...parts };
});

/** What the form of a new system says. */
export type ConnectSystem = z.output<typeof connectSystemSchema>;

/** A connection that waits for a second administrator: its accounts are sealed already. */
export const sealedConnectionSchema = z.strictObject({
  systemId: z.uuid(),
  name: z.string(),
  environment: z.string(),
  /** JSON. */
  config: z.string(),
  /** Base64. */
  sealed: z.string(),
});

export type SealedConnection = z.output<typeof sealedConnectionSchema>;
