import * as z from "zod";
import type { Handle, InspectAnswer, RevokeOrder } from "../../contract";
import { ConnectorError } from "../../errors";
import type { Db } from "../client";
import { handleMarker, handleName } from "../handle";

const roleRow = z.object({
  oid: z.string(),
  name: z.string(),
  canLogIn: z.boolean(),
  notAfter: z.date().nullable(),
  marker: z.string().nullable(),
});

export type Role = z.infer<typeof roleRow>;

/** An order and what the target has of it now. */
export type Identified = {
  readonly order: RevokeOrder;
  readonly handle: Handle;
  readonly role: Role | null;
  /** OIDs under which a session of this grant may live, also after its role is gone. */
  readonly oids: readonly string[];
  /** The role has another OID than the handle says, though we made it: the target was restored from a dump. */
  readonly restored: boolean;
};

/** Finds the roles by name and by the OID in the handle. */
export async function identify(db: Db, installationId: string, orders: readonly RevokeOrder[]): Promise<Identified[]> {
  const names = orders.map((order) => handleName(installationId, order.grantId));
  const oids = orders.flatMap(({ targetId }) => (targetId === undefined ? [] : [requireOid(targetId)]));
  const roles = await db.rows(
    roleRow,
    `select oid::text as oid, rolname::text as name, rolcanlogin as "canLogIn",
       nullif(rolvaliduntil, 'infinity') as "notAfter", shobj_description(oid, 'pg_authid') as marker
     from pg_roles where rolname = any($1) or oid = any($2::oid[])`,
    [names, oids],
  );
  return orders.map((order, index) => match(installationId, order, names[index] ?? "", roles));
}

function match(installationId: string, order: RevokeOrder, name: string, roles: readonly Role[]): Identified {
  const marked = (role: Role): boolean => role.marker === handleMarker(installationId, order.grantId);
  const named = roles.find((role) => role.name === name);
  // An administrator of the target may have renamed it; an OID without our mark is another's by now.
  const renamed = roles.find((role) => role.oid === order.targetId && marked(role));
  const role = named ?? renamed ?? null;
  const restored = named !== undefined && order.targetId !== undefined && named.oid !== order.targetId;
  if (restored && !marked(named)) {
    throw new ConnectorError("conflict", `role ${name} was replaced by one that this installation did not make`, {
      transient: false,
    });
  }
  const targetId = role?.oid ?? order.targetId;
  const oids = new Set([order.targetId, role?.oid].filter((oid) => oid !== undefined));
  return {
    order,
    handle: targetId === undefined ? { name } : { name, targetId },
    role,
    oids: [...oids],
    restored,
  };
}

/** The target's id comes from our own tables; still, only digits go on. */
export function requireOid(text: string): string {
  if (/^[1-9]\d{0,9}$/.test(text)) return text;
  throw new ConnectorError("unexpected", "the handle's target id is not an OID", { transient: false });
}

/** What the target has of a grant, for recovery. */
export async function inspectRole(db: Db, installationId: string, order: RevokeOrder): Promise<InspectAnswer> {
  let found: Identified | undefined;
  try {
    [found] = await identify(db, installationId, [order]);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === "conflict") return { state: "unknown", why: error.message };
    throw error;
  }
  if (found?.role) {
    const { canLogIn, notAfter, oid } = found.role;
    return { state: "present", handle: { name: found.handle.name, targetId: oid }, canLogIn, notAfter };
  }
  const { alive } = await db.one(
    z.object({ alive: z.number() }),
    "select count(*)::int as alive from pg_stat_activity where usesysid = any($1::oid[])",
    [found?.oids ?? []],
  );
  if (alive === 0) return { state: "absent" };
  return { state: "unknown", why: `the role is gone, but ${alive} of its sessions live` };
}
