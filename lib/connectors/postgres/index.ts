import type { Connector, ConnectorDeps, ConnectorSession } from "../contract";
import { ConnectorError } from "../errors";
import { openGate, type Gate } from "./client";
import { identify, inspectRole } from "./ending/identify";
import { cutSessions } from "./ending/lock-out";
import { probeRoles } from "./ending/probe";
import { revokeRole, revokeRoles } from "./ending/revoke";
import { grantRole } from "./grant";
import { handlePrefix } from "./handle";
import { checkSystem } from "./reading/check";
import { describeGroup, readHolders } from "./reading/describe";
import { discoverRoles } from "./reading/discover";
import { readServerLog } from "./reading/server-log";
import { listOthers, listRoles, observeRoles, readSessions } from "./reading/sessions";
import {
  postgresConfigSchema,
  postgresSecretsSchema,
  postgresTargetSchema,
  type PostgresConfig,
  type PostgresSecrets,
  type PostgresTarget,
} from "./schema";
import { confirmRole } from "./suspending/confirm";
import { removeRole } from "./suspending/remove";
import { resumeRole, suspendRole } from "./suspending/suspend";

/** PostgreSQL 13 and later: a grant is a login role of its own, member of one group role. */
export const postgres: Connector<PostgresConfig, PostgresSecrets, PostgresTarget> = {
  kind: "postgres@1",
  title: "PostgreSQL",
  config: postgresConfigSchema,
  secrets: postgresSecretsSchema,
  target: postgresTargetSchema,
  capabilities: { discover: true, probe: true, sessions: true, observe: true, nativeExpiry: true, describe: true, suspend: true, remove: true },
  credential: "holder-made",
  open,
};

const connectorPoolSize = 3;
const probePoolSize = 2;

function open(config: PostgresConfig, secrets: PostgresSecrets, deps: ConnectorDeps): ConnectorSession<PostgresTarget> {
  const { installationId } = deps;
  handlePrefix(installationId);
  if (secrets.probe?.user === secrets.connector.user) {
    throw new ConnectorError("denied", "the probe needs another account than the connector's", { transient: false });
  }
  const gate = openGate(config, secrets.connector, connectorPoolSize);
  const probeGate = secrets.probe === null ? null : openGate(config, secrets.probe, probePoolSize);
  const accounts = [secrets.connector.user, config.atticRole, ...(secrets.probe ? [secrets.probe.user] : [])];
  const ours = { installationId, accounts };
  const ending = { gate, config, deps };
  const suspending = { ...ending, accounts };
  return {
    check: (signal) => checkSystem({ gate, probeGate, config, ours, now: deps.now }, signal),
    grant: (order, signal) => grantRole({ gate, config, ours, deps }, order, signal),
    revoke: (order, signal) => revokeRole(ending, order, signal),
    revokeMany: (orders, signal) => revokeRoles(ending, orders, signal),
    inspect: (order, signal) => gate.use(signal, (db) => inspectRole(db, installationId, order)),
    ...(probeGate && probeWith(probeGate, secrets.connector.user, deps)),
    sessions: (signal) => gate.use(signal, (db) => readSessions(db, installationId)),
    cut: (order, signal) =>
      gate.use(signal, async (db) => {
        const [found] = await identify(db, installationId, [order]);
        const cut = await cutSessions(db, found?.oids ?? [], signal);
        return [...cut.values()].reduce((sum, count) => sum + count, 0);
      }),
    observe: (signal) => gate.use(signal, (db) => observeRoles(db, installationId, deps.now())),
    discover: (signal, progress) => discoverRoles({ gate, ours, probe: secrets.probe?.user ?? null, now: deps.now, progress }, signal),
    suspend: (order, signal) => suspendRole(suspending, order, signal),
    resume: (order, signal) => resumeRole(suspending, order, signal),
    remove: (order, signal) => removeRole(suspending, order, signal),
    readLog: (position, signal) => gate.use(signal, (db) => readServerLog(db, { account: gate.user, prefix: handlePrefix(installationId) }, position)),
    describe: ({ groupRole }, signal) => describeGroup(gate, groupRole, signal),
    holders: ({ groupRole }, signal) => gate.use(signal, (db) => readHolders(db, groupRole)),
    list: (signal) => gate.use(signal, (db) => listRoles(db, installationId)),
    others: (signal) => gate.use(signal, (db) => listOthers(db, installationId)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([gate[Symbol.asyncDispose](), probeGate?.[Symbol.asyncDispose]()]);
    },
  };
}

type ProbeMethods = Required<Pick<ConnectorSession<PostgresTarget>, "probe" | "probeMany" | "confirm">>;

/** Only a session that has a second account can prove anything. */
function probeWith(gate: Gate, connectorUser: string, deps: ConnectorDeps): ProbeMethods {
  const probing = { gate, connectorUser, deps };
  return {
    confirm: (order, expected, signal) => confirmRole(probing, order, expected, signal),
    probeMany: (orders, signal) => probeRoles(probing, orders, signal),
    probe: async (order, signal) => {
      const answer = (await probeRoles(probing, [order], signal)).get(order.grantId);
      if (answer !== undefined) return answer;
      throw new ConnectorError("unexpected", "the probe gave no answer", { transient: true });
    },
  };
}
