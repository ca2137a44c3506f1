import * as z from "zod";
import type { DiscoveredRole } from "../../contract";
import type { Db } from "../client";
import { statementToAllow } from "./role";

const allowedRow = z.object({ name: z.string(), allowed: z.boolean(), superuser: z.boolean() });

/** Which logins our account may alter: from 16 on those it was given ADMIN OPTION on, before that all but the mighty. */
const allowed = (version: number): string => `
  select r.rolname::text as name, r.rolsuper as superuser,
    not r.rolsuper and me.rolcreaterole and ${version >= 160_000 ? "pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION')" : "not r.rolreplication"} as allowed
  from pg_roles r, pg_roles me
  where me.rolname = session_user and not starts_with(r.rolname::text, 'pg_') and ($1::text[] is null or r.rolname = any($1))`;

type Suspendable = NonNullable<DiscoveredRole["suspendable"]>;

/** For each role whether it may be suspended, and what an administrator of the target would run where it may not. */
export async function readSuspendable(db: Db, account: string, accounts: readonly string[]): Promise<Map<string, Suspendable>> {
  const rows = await db.rows(allowedRow, allowed(db.version), [null]);
  return new Map(
    rows.map((row): [string, Suspendable] => {
      if (accounts.includes(row.name)) return [row.name, { possible: false, needs: `-- ${row.name} is Curfew's own account` }];
      if (row.allowed) return [row.name, { possible: true, needs: null }];
      const needs = row.superuser ? `-- ${row.name} is a superuser; a superuser of the target has to do it` : statementToAllow(db.version, [row.name], account);
      return [row.name, { possible: false, needs }];
    }),
  );
}
