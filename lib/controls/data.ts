import "server-only";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { catalogues, slugOf } from "./rules";
import type { CatalogueView, Control, ControlView, FeatureFigures, FeatureKey, Figure } from "./types";

const { sql } = Prisma;

/** Counting stops here, so that a figure is never slower than a page of its rows. */
const countLimit = 10_000;
const mostFindings = 20;

/** One figure: its words, what is counted, where its rows are. */
type Counting = { readonly label: string; readonly rows: Prisma.Sql; readonly href: string | null };

const countings: Readonly<Record<FeatureKey, readonly Counting[]>> = {
  INV: [
    { label: "identities known", rows: sql`from identities`, href: "/identities" },
    { label: "systems connected", rows: sql`from systems`, href: "/systems" },
    { label: "entitlements in the catalogue", rows: sql`from entitlements`, href: null },
  ],
  OWN: [
    { label: "identities with a living owner", rows: sql`from identities i join people p on p.id = i.owner_id and p.left_at is null`, href: "/identities" },
    { label: "hand-overs so far", rows: sql`from hand_overs`, href: null },
  ],
  REQ: [
    { label: "requests", rows: sql`from requests`, href: "/evidence" },
    { label: "requests with a ticket", rows: sql`from requests where ticket_key is not null`, href: "/evidence" },
    { label: "asks refused before they were requests", rows: sql`from ledger.event where type = 'request.refused'`, href: "/evidence?state=refused" },
  ],
  APR: [
    { label: "requests that people approved", rows: sql`from requests r where r.state = 'approved' and exists (select from votes v where v.request_id = r.id)`, href: "/evidence?state=approved" },
    { label: "requests that people denied", rows: sql`from requests where state = 'denied'`, href: "/evidence?state=denied" },
    { label: "votes with a passkey over exactly what was approved", rows: sql`from votes where proof_id is not null`, href: null },
  ],
  POL: [
    { label: "answers of policy on record", rows: sql`from decisions`, href: null },
    { label: "policy sets that were in force", rows: sql`from policy_sets where activated_at is not null`, href: null },
  ],
  JIT: [
    { label: "grants issued", rows: sql`from grants where activated_at is not null`, href: "/evidence" },
    { label: "live now", rows: sql`from grants where state = 'active'`, href: "/sessions" },
  ],
  REV: [
    { label: "ends proven", rows: sql`from grants where state = 'proven'`, href: "/evidence?grant=proven" },
    { label: "ends without proof", rows: sql`from grants where state in ('ending', 'accepted', 'stuck', 'not-provable', 'forced', 'expired-unproven')`, href: "/evidence?unproven=yes" },
  ],
  BGL: [
    { label: "emergencies", rows: sql`from break_glass where opened_at is not null`, href: "/break-glass" },
    { label: "not reviewed yet", rows: sql`from break_glass_debts where closed_at is null`, href: "/break-glass" },
  ],
  LOG: [{ label: "events in sequence", rows: sql`from ledger.entry`, href: "/evidence" }],
  INT: [{ label: "signed checkpoints", rows: sql`from ledger.checkpoint`, href: "/evidence/exports" }, { label: "exports", rows: sql`from exports`, href: "/evidence/exports" }],
  COR: [
    { label: "uses matched exactly", rows: sql`from uses where match = 'exact'`, href: null },
    { label: "uses matched by less", rows: sql`from uses where match in ('strong', 'inferred')`, href: null },
    { label: "chains complete: every source has reported", rows: sql`from chain_checks where state = 'complete' and broken_at is null`, href: null },
  ],
  CLK: [{ label: "exports with the clocks’ offset", rows: sql`from exports where state = 'complete'`, href: "/evidence/exports" }],
  RVW: [
    { label: "campaigns", rows: sql`from reviews`, href: "/reviews" },
    { label: "identities decided by their owners", rows: sql`from review_items where state = 'decided'`, href: "/reviews" },
  ],
};

async function figureOf({ label, rows, href }: Counting): Promise<Figure> {
  const found = await db.$queryRaw<{ count: number }[]>`select count(*)::int as count from (select 1 ${rows} limit ${countLimit + 1}::int) k`;
  const count = found[0]?.count ?? 0;
  return { label, count: Math.min(count, countLimit), capped: count > countLimit, href };
}

/** What features show at this moment. */
export async function readFigures(keys: readonly FeatureKey[]): Promise<FeatureFigures[]> {
  return Promise.all(keys.map(async (key) => ({ key, figures: await Promise.all(countings[key].map(figureOf)) })));
}

/** Open findings by the control that they are evidence for. */
async function openByControl(): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ control: string; count: number }[]>`
    select control, count(*)::int as count from findings f cross join unnest(f.controls) control where f.closed_at is null group by control`;
  return new Map(rows.map(({ control, count }) => [control, count]));
}

/** Catalogues with how many open findings speak to each control. */
export async function readCatalogues(chosen: readonly (typeof catalogues)[number][]): Promise<CatalogueView[]> {
  const open = await openByControl();
  return chosen.map((catalogue) => ({
    ...catalogue,
    controls: catalogue.controls.map((control) => ({ ...control, slug: slugOf(catalogue.key, control.id), openFindings: open.get(control.id) ?? 0 })),
  }));
}

/** One control: live figures of what speaks to it, and the open findings. */
export async function readControl(catalogue: (typeof catalogues)[number], control: Control): Promise<ControlView> {
  const where = { closedAt: null, controls: { has: control.id } } as const;
  const [features, rows, openFindings] = await Promise.all([
    readFigures(control.features),
    db.finding.findMany({
      where, orderBy: [{ openedAt: "desc" }, { id: "desc" }], take: mostFindings,
      select: { id: true, title: true, kind: true, openedAt: true, identity: { select: { id: true, name: true } }, grant: { select: { requestId: true } } },
    }),
    db.finding.count({ where }),
  ]);
  const { controls: _controls, ...about } = catalogue;
  return {
    control, catalogue: about, features, openFindings,
    findings: rows.map(({ grant, openedAt, ...row }) => ({ ...row, requestId: grant?.requestId ?? null, openedAt: openedAt.toISOString() })),
    related: relatedOf(catalogue.key, control),
  };
}

/** Controls of other catalogues that the very same features speak to. */
function relatedOf(key: string, control: Control): ControlView["related"] {
  const same = (other: Control) => other.features.length === control.features.length && other.features.every((feature) => control.features.includes(feature));
  return catalogues.filter((other) => other.key !== key).flatMap((other) =>
    other.controls.filter(same).map(({ id }) => ({ catalogue: other.name, id, slug: slugOf(other.key, id) })));
}
