import * as z from "zod";
import type { ConnectorDeps, ProbeAnswer, RevokeOrder } from "../../contract";
import { ConnectorError } from "../../errors";
import type { Db, Gate } from "../client";
import { asConnectorError } from "../faults";
import { handleName } from "../handle";
import { requireOid } from "./identify";

export type Probing = {
  /** The second account's gate; never the one that did the work. */
  readonly gate: Gate;
  readonly connectorUser: string;
  readonly deps: ConnectorDeps;
};

/** A connection that was just signing in during the first look shows up by the second; at least 1 s by any clock. */
const betweenLooksMs = 1_010;

const lookRow = z.object({
  name: z.string(),
  role: z.string().nullable(),
  sessions: z.number(),
  owned: z.number(),
  nameless: z.number(),
});
type Look = z.infer<typeof lookRow>;

/**
 * One look at many roles, by name and by OID: a session that outlives its role has no name in pg_stat_activity any more.
 * Where the OID never became known, any session without a role counts against it.
 */
const look = `
  with asked(name, oid) as (select * from unnest($1::text[], $2::oid[])),
  nameless as (select count(*)::int as n from pg_stat_activity a
    where a.usesysid is not null and not exists(select from pg_roles r where r.oid = a.usesysid))
  select asked.name,
    (select min(r.rolname::text) from pg_roles r where r.rolname = asked.name or r.oid = asked.oid) as role,
    (select count(*)::int from pg_stat_activity a where a.usesysid = asked.oid or a.usename = asked.name) as sessions,
    (select count(*)::int from pg_shdepend d where d.refclassid = 'pg_authid'::regclass and d.refobjid = asked.oid) as owned,
    case when asked.oid is null then (select n from nameless) else 0 end as nameless
  from asked`;

/** Looks twice with the second account's eyes; only what is gone both times is called dead. */
export async function probeRoles(
  { gate, connectorUser, deps }: Probing,
  orders: readonly RevokeOrder[],
  signal: AbortSignal,
): Promise<Map<string, ProbeAnswer>> {
  if (orders.length === 0) return new Map();
  const names = orders.map(({ grantId }) => handleName(deps.installationId, grantId));
  const oids = orders.map(({ targetId }) => (targetId === undefined ? null : requireOid(targetId)));
  const once = (): Promise<Seen> => gate.use(signal, (db) => lookOnce(db, connectorUser, names, oids, deps));

  const first = await once();
  await deps.sleep(betweenLooksMs, signal).catch((error: unknown) => {
    throw asConnectorError(error, signal);
  });
  const second = await once();
  return new Map(
    orders.map(({ grantId, targetId }, index) => {
      const name = names[index] ?? "";
      const survivors = [first, second].map(({ looks }) => survivorsOf(looks.get(name)));
      return [grantId, answer(survivors, [first.at, second.at], second.seenBy, targetId !== undefined)];
    }),
  );
}

type Seen = { readonly at: Date; readonly seenBy: string; readonly looks: ReadonlyMap<string, Look> };

async function lookOnce(
  db: Db,
  connectorUser: string,
  names: readonly string[],
  oids: readonly (string | null)[],
  deps: ConnectorDeps,
): Promise<Seen> {
  const { user } = await db.one(z.object({ user: z.string() }), "select session_user::text as user");
  if (user === connectorUser) {
    throw new ConnectorError("denied", "the probe signs in as the connector's own account; it needs a second one", {
      transient: false,
    });
  }
  const rows = await db.rows(lookRow, look, [names, oids]);
  return { at: deps.now(), seenBy: user, looks: new Map(rows.map((row) => [row.name, row])) };
}

function survivorsOf(seen: Look | undefined): string[] {
  if (seen === undefined) return ["the target gave no answer about it"];
  const { role, sessions, owned, nameless } = seen;
  return [
    ...(role === null ? [] : [`role ${role} exists`]),
    ...(sessions === 0 ? [] : [`${sessions} sessions live`]),
    ...(owned === 0 ? [] : [`${owned} objects or rights still name it`]),
    ...(nameless === 0 ? [] : [`${nameless} sessions live whose role is gone`]),
  ];
}

function answer(
  [before = [], after = []]: readonly string[][],
  lookedAt: readonly [Date, Date],
  seenBy: string,
  byId: boolean,
): ProbeAnswer {
  if (after.length > 0) return { dead: false, lookedAt: lookedAt[1], survivors: after };
  if (before.length > 0) return { dead: false, lookedAt: lookedAt[0], survivors: before };
  return {
    dead: true,
    method: "absent from pg_roles, pg_stat_activity and pg_shdepend",
    strength: "absent-from-inventory",
    lookedAt,
    seenBy,
    facts: [
      "role gone",
      ...(byId ? ["0 sessions", "owns nothing"] : ["0 sessions by that name, and none of a role that is gone"]),
      `seen by a second account, ${seenBy}`,
    ],
  };
}
