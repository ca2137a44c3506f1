import "server-only";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { missingForDrill, sealOutcomes } from "../types";
import type { DrillView, EntryView, ReadinessView, SealView } from "./types";

const most = 200;

async function readEntries(): Promise<EntryView[]> {
  const rows = await db.$queryRaw<{ id: string; holder: string; is_team: boolean; entitlement: string; system: string; until: Date; reason: string | null; confirmed_by: string }[]>`
    select l.id, coalesce(p.name, t.name) as holder, l.team_id is not null as is_team, e.name as entitlement, s.name as system, l.until, l.reason, c.name as confirmed_by
    from break_glass_list l join entitlements e on e.id = l.entitlement_id join systems s on s.id = e.system_id join people c on c.id = l.confirmed_by_id
    left join people p on p.id = l.person_id left join teams t on t.id = l.team_id
    where l.ended_at is null and l.until > clock_timestamp() order by l.until, l.id limit ${most}::int`;
  return rows.map(({ id, holder, is_team: isTeam, entitlement, system, until, reason, confirmed_by: confirmedBy }) => ({
    id, holder, isTeam, entitlement, system, until: until.toISOString(), reason, confirmedBy,
  }));
}

async function readDrill(): Promise<DrillView | null> {
  const row = await db.breakGlassDrill.findFirst({
    orderBy: { ranAt: "desc" },
    select: {
      ranAt: true, checked: true,
      results: { where: { missing: { isEmpty: false } }, select: { why: true, missing: true, person: { select: { id: true, name: true } } }, orderBy: { person: { name: "asc" } }, take: most },
    },
  });
  if (!row) return null;
  const failing = row.results.map(({ person, why, missing }) => ({ person, why, missing: z.array(z.enum(missingForDrill)).parse(missing) }));
  return { ranAt: row.ranAt.toISOString(), checked: row.checked, failing };
}

/** Sealed credentials that are kept; for one person only those whose seals they may look at matter. */
async function readSeals(viewer: PersonActor): Promise<SealView[]> {
  const rows = await db.sealedCredential.findMany({
    where: { retiredAt: null },
    select: {
      id: true, name: true, keptWhere: true, sealedAt: true, checkEveryDays: true, checkDueAt: true, overdueAt: true, usedAt: true, holderId: true,
      holder: { select: { name: true } },
      credential: { select: { handle: true, identity: { select: { id: true, name: true } }, system: { select: { name: true } } } },
      checks: { select: { checkedAt: true, outcome: true, person: { select: { name: true } } }, orderBy: { checkedAt: "desc" }, take: 1 },
    },
    orderBy: [{ checkDueAt: "asc" }, { id: "asc" }],
    take: most,
  });
  return rows.map(({ credential, checks, holder, holderId, ...row }) => ({
    id: row.id,
    name: row.name,
    keptWhere: row.keptWhere,
    checkEveryDays: row.checkEveryDays,
    identity: credential.identity,
    handle: credential.handle,
    system: credential.system.name,
    holder: holder.name,
    sealedAt: row.sealedAt.toISOString(),
    checkDueAt: row.checkDueAt.toISOString(),
    isOverdue: row.overdueAt !== null,
    usedAt: row.usedAt?.toISOString() ?? null,
    lastCheck: checks[0] ? { at: checks[0].checkedAt.toISOString(), by: checks[0].person.name, outcome: z.enum(sealOutcomes).parse(checks[0].outcome) } : null,
    mayCheck: allows(viewer.roles, "break-glass:check-seal") && holderId !== viewer.personId,
  }));
}

/** What stands ready for the worst day. */
export async function readReadiness(viewer: PersonActor): Promise<ReadinessView> {
  const [entries, drill, seals] = await Promise.all([readEntries(), readDrill(), readSeals(viewer)]);
  return { entries, drill, seals, mayManage: allows(viewer.roles, "break-glass:manage") };
}

/** What the forms of readiness offer: entitlements that can be given, and teams with a duty. */
export async function readManageOptions() {
  const [entitlements, teams, credentials] = await Promise.all([
    db.entitlement.findMany({ where: { requestable: true }, select: { id: true, name: true, system: { select: { name: true } } }, orderBy: { name: "asc" }, take: most }),
    db.team.findMany({ select: { id: true, name: true }, orderBy: { name: "asc" }, take: most }),
    db.credential.findMany({
      where: { vanishedAt: null, sealed: { none: { retiredAt: null } } },
      select: { id: true, handle: true, system: { select: { name: true } } },
      orderBy: [{ handle: "asc" }, { id: "asc" }],
      take: most,
    }),
  ]);
  return {
    entitlements: entitlements.map(({ id, name, system }) => ({ value: id, label: `${name} (${system.name})` })),
    teams: teams.map(({ id, name }) => ({ value: id, label: name })),
    credentials: credentials.map(({ id, handle, system }) => ({ value: id, label: `${handle} (${system.name})` })),
  };
}
