import "server-only";
import { roles, type Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { PeoplePage } from "./types";

const pageSize = 50;

type Row = {
  id: string;
  name: string;
  email: string | null;
  created_at: Date;
  left_at: Date | null;
  roles: string[];
  sign_ins: number;
};

/** One page of people by name. Starts after `after` ([name, id]). */
export async function listPeople(after: readonly [string, string] | null): Promise<PeoplePage> {
  const [afterName, afterId] = after ?? [null, null];
  const rows = await db.$queryRaw<Row[]>`
    select p.id, p.name, p.email, p.created_at, p.left_at,
      array(select r.role from person_roles r where r.person_id = p.id order by r.role) as roles,
      (select count(*)::int from sign_ins s where s.person_id = p.id and s.expires_at > clock_timestamp()) as sign_ins
    from people p
    where ${afterId}::uuid is null or (p.name, p.id) > (${afterName}::text, ${afterId}::uuid)
    order by p.name, p.id limit ${pageSize + 1}::int`;
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  const next = rows.length > pageSize && last ? Buffer.from(JSON.stringify([last.name, last.id])).toString("base64url") : null;
  return {
    next,
    rows: shown.map((row) => ({
      id: row.id,
      name: row.name,
      email: row.email,
      roles: row.roles.filter((role): role is Role => (roles as readonly string[]).includes(role)),
      createdAt: row.created_at,
      leftAt: row.left_at,
      signIns: row.sign_ins,
    })),
  };
}
