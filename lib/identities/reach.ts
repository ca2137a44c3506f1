import "server-only";
import { db } from "@/lib/db/client";
import { parseSensitivity } from "@/lib/entitlements/data";
import { useOf } from "./detail";
import type { ReachNode, ReachView } from "./views/detail-types";

/** As many as the graph stays readable with; the rest is counted. */
const mostNodes = 500;

type Row = {
  id: string; entitlement: string; sensitivity: string; system_id: string; system: string; kind: string; gone: boolean;
  excepted: boolean; last_used_at: Date | null; visible_since: Date | null; total: bigint;
};

/** Who stands behind an identity, to decide who may see its reach; null when there is none. */
export function readReachOwner(identityId: string) {
  return db.identity.findUnique({ where: { id: identityId }, select: { id: true, name: true, ownerId: true, sponsorId: true, backupId: true } });
}

/**
 * What an identity can reach, one line per entitlement: what it holds now, and what it used earlier and holds no more. The
 * most sensitive first.
 */
export async function readReach(identity: { readonly id: string; readonly name: string }): Promise<ReachView> {
  const rows = await db.$queryRaw<Row[]>`
    with each as (
      select distinct on (a.entitlement_id) a.id, a.entitlement_id, a.kind, a.ended_at is not null as gone,
        exists (select 1 from standing_exceptions x where x.assignment_id = a.id and x.ended_at is null) as excepted,
        coalesce(g.last_use_at, a.last_used_at) as last_used_at, coalesce(g.activated_at, a.visible_since) as visible_since
      from assignments a left join grants g on g.id = a.grant_id
      where a.identity_id = ${identity.id}::uuid and (a.ended_at is null or a.last_used_at is not null or g.last_use_at is not null)
      order by a.entitlement_id, a.ended_at is not null, a.kind desc, a.ended_at desc nulls first, a.id
    )
    select each.*, e.name as entitlement, e.sensitivity, s.id as system_id, s.name as system, count(*) over () as total
    from each join entitlements e on e.id = each.entitlement_id join systems s on s.id = e.system_id
    order by array_position(array['critical', 'high', 'medium', 'low'], e.sensitivity), s.name, e.name, each.id limit ${mostNodes}::int`;
  return { identity: identity.name, nodes: rows.map(nodeOf), total: Number(rows[0]?.total ?? 0) };
}

function nodeOf(row: Row): ReachNode {
  return {
    id: row.id,
    entitlement: row.entitlement,
    sensitivity: parseSensitivity(row.sensitivity),
    systemId: row.system_id,
    system: row.system,
    kind: row.kind === "granted" ? "granted" : "standing",
    use: row.gone ? "gone" : useOf(row.last_used_at, row.visible_since),
    hasException: row.excepted,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
