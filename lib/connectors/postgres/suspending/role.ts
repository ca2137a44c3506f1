import { escapeIdentifier } from "pg";
import * as z from "zod";
import { ConnectorError } from "../../errors";
import type { Db } from "../client";
import { sqlStateOf } from "../faults";
import { requireOid } from "../ending/identify";

const roleRow = z.object({
  oid: z.string(),
  name: z.string(),
  canLogIn: z.boolean(),
  superuser: z.boolean(),
  comment: z.string().nullable(),
});

export type TargetRole = z.infer<typeof roleRow>;

/** A role that Curfew did not make, by its lasting id alone: whoever has its name by now may be somebody else. */
export async function readRole(db: Db, targetId: string): Promise<TargetRole | null> {
  const [role] = await db.rows(
    roleRow,
    `select oid::text as oid, rolname::text as name, rolcanlogin as "canLogIn", rolsuper as superuser,
       shobj_description(oid, 'pg_authid') as comment
     from pg_roles where oid = $1::oid`,
    [requireOid(targetId)],
  );
  return role ?? null;
}

/** Statements go by name: what was changed must be what was looked at. */
export async function requireSame(db: Db, before: TargetRole, canLogIn: boolean): Promise<void> {
  const after = await readRole(db, before.oid);
  if (after?.name === before.name && after.canLogIn === canLogIn) return;
  throw new ConnectorError("in-use", `role ${before.name} was changed by somebody else meanwhile`, { transient: true });
}

/** Curfew never locks itself out. */
export function requireForeign(role: TargetRole, accounts: readonly string[]): void {
  if (!accounts.includes(role.name)) return;
  throw new ConnectorError("denied", `${role.name} is Curfew's own account on this target`, { transient: false });
}

/** The statement with which an administrator of the target lets Curfew suspend some roles. */
export function statementToAllow(version: number, names: readonly string[], account: string): string {
  const me = escapeIdentifier(account);
  if (version < 160_000) return `ALTER ROLE ${me} CREATEROLE`;
  return `GRANT ${names.map((name) => escapeIdentifier(name)).join(", ")} TO ${me} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`;
}

/** The server only says "permission denied"; this says what would change that. */
export function explainDenied(db: Db, role: TargetRole, account: string): (error: unknown) => never {
  return (error) => {
    if (sqlStateOf(error) !== "42501") throw error;
    const remedy = role.superuser
      ? `${role.name} is a superuser; only a superuser of the target can do that`
      : `${role.name} cannot be suspended by Curfew; run: ${statementToAllow(db.version, [role.name], account)}`;
    throw new ConnectorError("denied", remedy, { transient: false });
  };
}
