import * as z from "zod";
import type { ExpectedState, StateAnswer, SuspendOrder } from "../../contract";
import { ConnectorError } from "../../errors";
import type { Db } from "../client";
import type { Probing } from "../ending/probe";
import { asConnectorError } from "../faults";
import { holdsMark } from "./mark";
import { readRole, type TargetRole } from "./role";
import { countSessions } from "./suspend";

const betweenLooksMs = 1_010;

type Look = {
  readonly at: Date;
  readonly seenBy: string;
  readonly role: TargetRole | null;
  readonly sessions: number;
  readonly named: number;
  readonly isMarked: boolean;
};

/** Looks twice with the second account's eyes, at least one second apart; only what is as it should be both times counts. */
export async function confirmRole(probing: Probing, order: SuspendOrder, expected: ExpectedState, signal: AbortSignal): Promise<StateAnswer> {
  const { gate, deps } = probing;
  const once = (): Promise<Look> => gate.use(signal, (db) => lookOnce(db, probing, order));
  const first = await once();
  await deps.sleep(betweenLooksMs, signal).catch((error: unknown) => {
    throw asConnectorError(error, signal);
  });
  const second = await once();
  for (const look of [second, first]) {
    const seen = against(look, order, expected);
    if (seen.length > 0) return { as: "different", lookedAt: look.at, seen };
  }
  return {
    as: "expected",
    method: "read from pg_roles and pg_stat_activity",
    strength: "absent-from-inventory",
    lookedAt: [first.at, second.at],
    seenBy: second.seenBy,
    facts: [...factsOf(second, order, expected), `seen by a second account, ${second.seenBy}`],
  };
}

async function lookOnce(db: Db, { connectorUser, deps }: Probing, order: SuspendOrder): Promise<Look> {
  const { user } = await db.one(z.object({ user: z.string() }), "select session_user::text as user");
  if (user === connectorUser) {
    throw new ConnectorError("denied", "the probe signs in as the connector's own account; it needs a second one", { transient: false });
  }
  const role = await readRole(db, order.targetId);
  const { named } = await db.one(
    z.object({ named: z.number() }),
    "select count(*)::int as named from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = $1::oid",
    [order.targetId],
  );
  return {
    at: deps.now(),
    seenBy: user,
    role,
    sessions: await countSessions(db, order.targetId),
    named,
    isMarked: holdsMark(role?.comment ?? null, deps.installationId, order.orderId),
  };
}

/** What speaks against the expected state. */
function against(look: Look, { openConnections }: SuspendOrder, expected: ExpectedState): string[] {
  const { role, sessions, named, isMarked } = look;
  const alive = sessions === 0 ? [] : [`${sessions} of its sessions live`];
  switch (expected) {
    case "suspended":
      return [...(role?.canLogIn === true ? [`role ${role.name} may sign in`] : []), ...(openConnections === "cut" || role === null ? alive : [])];
    case "removed":
      return [...(role === null ? [] : [`role ${role.name} exists`]), ...alive, ...(named === 0 ? [] : [`${named} objects or rights still name it`])];
    case "resumed":
      return isMarked ? [`role ${role?.name ?? "?"} is still marked as suspended`] : [];
  }
}

function factsOf({ role, sessions }: Look, { openConnections }: SuspendOrder, expected: ExpectedState): string[] {
  if (expected === "removed") return ["role gone", "0 sessions", "owns nothing"];
  if (role === null) return ["role gone", ...(expected === "suspended" ? [`${sessions} sessions`] : ["nothing to give back"])];
  if (expected === "resumed") return [role.canLogIn ? "sign-in allowed" : "sign-in not allowed, as found"];
  return ["sign-in not allowed", openConnections === "cut" || sessions === 0 ? "0 sessions" : `${sessions} open connections left, as ordered`];
}
