import "server-only";
import type { Bound } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { titleWithoutNames } from "@/lib/evidence/masking";
import { boundOnRequests } from "@/lib/evidence/query";
import { readFigures } from "./figures";
import { catalogues, slugOf } from "./rules";
import type { CatalogueView, Control, ControlView } from "./types";

const { sql, join } = Prisma;
const mostFindings = 20;

/** Open findings; in an engagement those about its chains. */
function openFindings(bound: Bound | undefined): Prisma.Sql {
  if (!bound) return sql`from findings f left join grants g on g.id = f.grant_id where f.closed_at is null`;
  return sql`from findings f left join grants g on g.id = f.grant_id join requests r on r.id = coalesce(g.request_id, (f.detail ->> 'requestId')::uuid)
    where f.closed_at is null and ${join(boundOnRequests(bound), " and ")}`;
}

/** Catalogues with how many open findings speak to each control. */
export async function readCatalogues(chosen: readonly (typeof catalogues)[number][], bound?: Bound): Promise<CatalogueView[]> {
  const rows = await db.$queryRaw<{ control: string; count: number }[]>`
    select control, count(*)::int as count from (select f.controls ${openFindings(bound)}) k cross join unnest(k.controls) control group by control`;
  const open = new Map(rows.map(({ control, count }) => [control, count]));
  return chosen.map((catalogue) => ({
    ...catalogue,
    controls: catalogue.controls.map((control) => ({ ...control, slug: slugOf(catalogue.key, control.id), openFindings: open.get(control.id) ?? 0 })),
  }));
}

type FindingRow = { id: string; title: string; kind: string; opened_at: Date; request_id: string | null; identity_id: string | null; identity_name: string | null };

/** One control: live figures of what speaks to it, and the open findings; in an engagement those of its chains. */
export async function readControl(catalogue: (typeof catalogues)[number], control: Control, bound?: Bound): Promise<ControlView> {
  const open = sql`${openFindings(bound)} and ${control.id}::text = any(f.controls)`;
  const [features, rows, counted] = await Promise.all([
    readFigures(control.features, bound),
    db.$queryRaw<FindingRow[]>`
      select k.*, i.name as identity_name from (select f.id, f.title, f.kind, f.opened_at, coalesce(g.request_id::text, f.detail ->> 'requestId') as request_id, f.identity_id ${open} order by f.opened_at desc, f.id desc limit ${mostFindings}::int) k
      left join identities i on i.id = k.identity_id order by k.opened_at desc, k.id desc`,
    db.$queryRaw<{ count: number }[]>`select count(*)::int as count ${open}`,
  ]);
  const { controls: _controls, ...about } = catalogue;
  const findings = rows.map(({ id, kind, title, opened_at: openedAt, request_id: requestId, identity_id: identityId, identity_name: name }) => ({
    id, kind, requestId,
    title: bound && !bound.names ? titleWithoutNames({ kind, title }) : title,
    identity: identityId !== null && name !== null ? { id: identityId, name } : null,
    openedAt: openedAt.toISOString(),
  }));
  return { control, catalogue: about, features, findings, openFindings: counted[0]?.count ?? 0, related: relatedOf(catalogue.key, control), isBounded: bound !== undefined };
}

/** Controls of other catalogues that the very same features speak to. */
function relatedOf(key: string, control: Control): ControlView["related"] {
  const same = (other: Control) => other.features.length === control.features.length && other.features.every((feature) => control.features.includes(feature));
  return catalogues.filter((other) => other.key !== key).flatMap((other) =>
    other.controls.filter(same).map(({ id }) => ({ catalogue: other.name, id, slug: slugOf(other.key, id) })));
}
