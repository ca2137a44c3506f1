import type * as z from "zod";
import type { Capabilities, Connector, ConnectorDeps, ConnectorSession } from "./contract";
import { ConnectorError } from "./errors";
import { files } from "./files";
import { postgres } from "./postgres";

/** A connector whose types stay inside: callers hold JSON from the database or a form. */
export type RegisteredConnector = {
  readonly kind: string;
  readonly title: string;
  readonly capabilities: Capabilities;
  readonly credential: "holder-made" | "target-made";
  readonly config: z.ZodType<unknown>;
  readonly secrets: z.ZodType<unknown>;
  readonly target: z.ZodType<unknown>;
  readonly open: (config: unknown, secrets: unknown, deps: ConnectorDeps) => ConnectorSession<unknown>;
};

/** All connectors that Curfew has. */
export const connectors: readonly RegisteredConnector[] = [register(postgres)];

const fromFiles = register(files);

/** True for systems that Curfew knows from files only. */
export function isFromFiles(kind: string): boolean {
  return kind === fromFiles.kind;
}

export type SystemConnection = {
  readonly kind: string;
  readonly config: unknown;
  readonly secrets: unknown;
  readonly deps: ConnectorDeps;
};

/** Finds a connector by the kind that is stored with a system. */
export function connectorOf(kind: string): RegisteredConnector {
  const found = connectors.find((connector) => connector.kind === kind);
  if (found !== undefined) return found;
  if (isFromFiles(kind)) return fromFiles;
  throw new ConnectorError("unexpected", `there is no connector ${kind}`, { transient: false });
}

/** Opens a session to a system from what is stored about it. Connects on the first call. */
export function openSystem({ kind, config, secrets, deps }: SystemConnection): ConnectorSession<unknown> {
  return connectorOf(kind).open(config, secrets, deps);
}

function register<Config, Secrets, Target>(connector: Connector<Config, Secrets, Target>): RegisteredConnector {
  const { kind, title, capabilities, credential, config, secrets, target } = connector;
  return {
    kind,
    title,
    capabilities,
    credential,
    config,
    secrets,
    target,
    open: (rawConfig, rawSecrets, deps) => {
      const session = connector.open(
        parse(config, rawConfig, "unexpected", `${kind}: configuration`),
        parse(secrets, rawSecrets, "unexpected", `${kind}: secrets`),
        deps,
      );
      return atTheBorder(session, (raw) => parse(target, raw, "wrong-target", `${kind}: target`));
    },
  };
}

/** The same session for targets that are still JSON; what it cannot do stays absent. */
function atTheBorder<Target>(
  session: ConnectorSession<Target>,
  parseTarget: (raw: unknown) => Target,
): ConnectorSession<unknown> {
  const { describe, holders } = session;
  // Getters and classes would lose their methods by spreading: sessions are plain objects.
  return {
    ...session,
    grant: async (order, signal) => session.grant({ ...order, target: parseTarget(order.target) }, signal),
    ...(describe && { describe: async (target, signal) => describe(parseTarget(target), signal) }),
    ...(holders && { holders: async (target, signal) => holders(parseTarget(target), signal) }),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** The message names the fields and what is expected there, never the values: they may be secrets. */
function parse<Value>(
  shape: z.ZodType<Value>,
  raw: unknown,
  code: "unexpected" | "wrong-target",
  what: string,
): Value {
  const parsed = shape.safeParse(raw);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "all of it"}: ${message}`);
  throw new ConnectorError(code, `${what}: ${faults.join("; ")}`, { transient: false });
}
