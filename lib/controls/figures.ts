import "server-only";
import type { Bound } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { boundOnRequests, queryOf } from "@/lib/evidence/query";
import { readFilter } from "@/lib/evidence/schema";
import type { FeatureFigures, FeatureKey, Figure } from "./types";

const { sql, join } = Prisma;

/** Counting stops here, so that a figure is never slower than a page of its rows. */
const countLimit = 10_000;

/** One figure: its words, what is counted, where its rows are. */
type Counting = { readonly label: string; readonly href: string | null } & (
  | { readonly rows: Prisma.Sql }
  /** Counted over requests `r`, so that an engagement can cut it to its own. */
  | { readonly among: (within: Prisma.Sql) => Prisma.Sql }
);

const refused = "asks refused before they were requests";
const grants = sql`from grants g join requests r on r.id = g.request_id`;

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
    { label: "requests", among: (within) => sql`from requests r where ${within}`, href: "/evidence" },
    { label: "requests with a ticket", among: (within) => sql`from requests r where r.ticket_key is not null and ${within}`, href: "/evidence?ticket=yes" },
    { label: refused, rows: sql`from ledger.event where type = 'request.refused'`, href: "/evidence?state=refused" },
  ],
  APR: [
    { label: "requests that people approved", among: (within) => sql`from requests r where r.state = 'approved' and exists (select from votes v where v.request_id = r.id) and ${within}`, href: "/evidence?state=approved" },
    { label: "requests that people denied", among: (within) => sql`from requests r where r.state = 'denied' and ${within}`, href: "/evidence?state=denied" },
    { label: "votes with a passkey over exactly what was approved", among: (within) => sql`from votes v join requests r on r.id = v.request_id where v.proof_id is not null and ${within}`, href: "/evidence?passkey=yes" },
  ],
  POL: [
    { label: "answers of policy on record", among: (within) => sql`from decisions d join requests r on r.id = d.request_id where ${within}`, href: null },
    { label: "policy sets that were in force", rows: sql`from policy_sets where activated_at is not null`, href: null },
  ],
  JIT: [
    { label: "grants issued", among: (within) => sql`${grants} where g.activated_at is not null and ${within}`, href: "/evidence" },
    { label: "live now", among: (within) => sql`${grants} where g.state = 'active' and ${within}`, href: "/evidence?grant=active" },
  ],
  REV: [
    { label: "ends proven", among: (within) => sql`${grants} where g.state = 'proven' and ${within}`, href: "/evidence?grant=proven" },
    { label: "ends without proof", among: (within) => sql`${grants} where g.state in ('ending', 'accepted', 'stuck', 'not-provable', 'forced', 'expired-unproven') and ${within}`, href: "/evidence?unproven=yes" },
  ],
  BGL: [
    { label: "emergencies", among: (within) => sql`from break_glass b join requests r on r.break_glass_id = b.id where b.opened_at is not null and ${within}`, href: "/evidence?emergency=yes" },
    { label: "not reviewed yet", among: (within) => sql`from break_glass_debts d join requests r on r.break_glass_id = d.break_glass_id where d.closed_at is null and ${within}`, href: "/break-glass" },
  ],
  LOG: [{ label: "events in sequence", rows: sql`from ledger.entry`, href: "/evidence" }],
  INT: [{ label: "signed checkpoints", rows: sql`from ledger.checkpoint`, href: "/evidence/exports" }, { label: "exports", rows: sql`from exports`, href: "/evidence/exports" }],
  COR: [
    { label: "uses matched exactly", among: (within) => sql`from uses u join grants g on g.id = u.grant_id join requests r on r.id = g.request_id where u.match = 'exact' and ${within}`, href: null },
    { label: "uses matched by less", among: (within) => sql`from uses u join grants g on g.id = u.grant_id join requests r on r.id = g.request_id where u.match in ('strong', 'inferred') and ${within}`, href: null },
    { label: "chains complete: every source has reported", among: (within) => sql`from chain_checks c join requests r on r.id = c.request_id where c.state = 'complete' and c.broken_at is null and ${within}`, href: "/evidence?seal=complete" },
  ],
  CLK: [{ label: "exports with the clocks’ offset", rows: sql`from exports where state = 'complete'`, href: "/evidence/exports" }],
  RVW: [
    { label: "campaigns", rows: sql`from reviews`, href: "/reviews" },
    { label: "identities decided by their owners", rows: sql`from review_items where state = 'decided'`, href: "/reviews" },
  ],
};

async function figureOf(label: string, rows: Prisma.Sql, href: string | null): Promise<Figure> {
  const found = await db.$queryRaw<{ count: number }[]>`select count(*)::int as count from (select 1 ${rows} limit ${countLimit + 1}::int) k`;
  const count = found[0]?.count ?? 0;
  return { label, count: Math.min(count, countLimit), capped: count > countLimit, href };
}

/** In an engagement: what is counted over its chains, with rows that it opens. Nothing of the whole installation. */
async function figuresWithin(key: FeatureKey, bound: Bound): Promise<Figure[]> {
  const within = join(boundOnRequests(bound), " and ");
  const own = countings[key].map(async (counting): Promise<Figure[]> => {
    const { label, href } = counting;
    if ("among" in counting) return [await figureOf(label, counting.among(within), href?.startsWith("/evidence") ? href : null)];
    if (label !== refused) return [];
    const asks = queryOf(readFilter({ state: "refused" }).filter, bound).refused;
    return asks ? [await figureOf(label, sql`from ${asks.from} where ${asks.where}`, href)] : [];
  });
  return (await Promise.all(own)).flat();
}

function figuresOf(key: FeatureKey): Promise<Figure[]> {
  return Promise.all(countings[key].map((counting) => figureOf(counting.label, "among" in counting ? counting.among(sql`true`) : counting.rows, counting.href)));
}

/** What features show at this moment. */
export async function readFigures(keys: readonly FeatureKey[], bound?: Bound): Promise<FeatureFigures[]> {
  return Promise.all(keys.map(async (key) => ({ key, figures: await (bound ? figuresWithin(key, bound) : figuresOf(key)) })));
}
