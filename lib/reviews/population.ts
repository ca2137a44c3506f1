import "server-only";
import { holdersOf } from "@/lib/auth/permissions";
import { Prisma } from "@/lib/db/generated/client";
import type { Transaction } from "@/lib/db/transaction";
import { identityFilter, parseIdentityFilter } from "@/lib/identities/query";
import { mostItems } from "./rules";
import type { ReviewerRole } from "./types";
import type { CampaignPreview } from "./views/draft-types";

/** Administrators who are asked where nobody of an identity's side can be. */
const mostAdministrators = 20;

/**
 * What there is to review at all, over `identities i`: it is there, it is not offboarded, and it has a credential or holds
 * something. Nobody is asked about an empty one.
 */
const hasSubstance = Prisma.sql`(
  i.vanished_at is null and i.state <> 'offboarded'
  and (exists (select from credentials c where c.identity_id = i.id and c.vanished_at is null)
    or exists (select from assignments a where a.identity_id = i.id and a.ended_at is null)))`;

/** Who can decide at all: present, and with a role that decides reviews. */
const canReview = Prisma.sql`(
  p.left_at is null and exists (select from person_roles r where r.person_id = p.id and r.role = any(${[...holdersOf("review:decide")]}::text[])))`;

/**
 * The people of an identity's side who can be asked, the first of the order as number 1. Whoever is out of office comes after
 * those who are here; where all are away, the first of the order is asked all the same. Over `identities i`.
 */
function sideOf(reviewers: readonly ReviewerRole[], at: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    select p.id as person_id, p.name, o.why, a.until_at as away_until, row_number() over (order by a.until_at is not null, o.place) as rank
    from (values (i.owner_id, 'owner', 1), (i.backup_id, 'backup', 2), (i.sponsor_id, 'sponsor', 3)) o(person_id, why, place)
    join people p on p.id = o.person_id
    cross join lateral (select max(x.until_at) as until_at from absences x where x.person_id = p.id and x.from_at <= ${at} and x.until_at > ${at}) a
    where o.why = any(${[...reviewers]}::text[]) and ${canReview}
      and not exists (
        select from (values (i.owner_id, 'owner', 1), (i.backup_id, 'backup', 2), (i.sponsor_id, 'sponsor', 3)) e(person_id, why, place)
        where e.person_id = o.person_id and e.place < o.place and e.why = any(${[...reviewers]}::text[]))`;
}

type CountRow = { matching: number; items: number; people: number; nobody: number; production: number; named: CampaignPreview["named"] | null; nobody_named: CampaignPreview["nobodyNamed"] | null };

const fewNames = 12;

/** Whom a campaign would ask about how many items, before it starts. */
export async function previewPopulation(tx: Transaction, scope: string, reviewers: readonly ReviewerRole[]): Promise<CampaignPreview> {
  const filter = identityFilter(parseIdentityFilter(scope));
  const [row] = await tx.$queryRaw<CountRow[]>`
    with chosen as (
      select i.id, i.name, i.environment, i.owner_id, i.sponsor_id, i.backup_id, ${hasSubstance} as is_item from identities i where ${filter} limit ${mostItems + 1}::int
    ), asked as (
      select i.id, i.name, i.environment, s.person_id, s.name as person_name
      from chosen i left join lateral (select * from (${sideOf(reviewers, Prisma.sql`now()`)}) x where x.rank = 1) s on true where i.is_item
    ), counts as (
      select person_id as id, min(person_name) as name, count(*)::int as items from asked where person_id is not null group by person_id order by 3 desc, 2 limit ${fewNames}::int
    )
    select (select count(*)::int from chosen) as matching, (select count(*)::int from asked) as items,
      (select count(distinct person_id)::int from asked) as people,
      (select count(*)::int from asked where person_id is null) as nobody,
      (select count(*)::int from asked where environment = 'production') as production,
      (select jsonb_agg(c) from counts c) as named,
      (select jsonb_agg(n) from (select id, name from asked where person_id is null order by name limit ${fewNames}::int) n) as nobody_named`;
  const matching = row?.matching ?? 0;
  return {
    matching: Math.min(matching, mostItems),
    isCapped: matching > mostItems,
    items: row?.items ?? 0,
    people: row?.people ?? 0,
    named: row?.named ?? [],
    nobody: row?.nobody ?? 0,
    nobodyNamed: row?.nobody_named ?? [],
    production: row?.production ?? 0,
  };
}

type Population = { readonly reviewId: string; readonly scope: string; readonly reviewers: readonly ReviewerRole[]; readonly now: Date };

/**
 * Freezes who is reviewed, in one statement: what appears or changes its owner later is not in this review. Answers how many;
 * one more than the limit means that the scope is too wide.
 */
export async function freezePopulation(tx: Transaction, { reviewId, scope, reviewers, now }: Population): Promise<number> {
  const filter = identityFilter(parseIdentityFilter(scope));
  const count = await tx.$executeRaw`
    insert into review_items (id, review_id, identity_id, position, state)
    select gen_random_uuid(), ${reviewId}::uuid, i.id, row_number() over (order by i.exposure desc nulls last, i.name, i.id), 'open'
    from identities i where ${filter} and ${hasSubstance} limit ${mostItems + 1}::int`;
  if (count > 0 && count <= mostItems) await nameReviewers(tx, { reviewId, reviewers, now });
  return count;
}

/** Freezes one identity as the only item of a review. Answers 0 where there is nothing to review. */
export async function freezeOne(tx: Transaction, { reviewId, identityId, reviewers, now }: Omit<Population, "scope"> & { readonly identityId: string }): Promise<number> {
  const count = await tx.$executeRaw`
    insert into review_items (id, review_id, identity_id, position, state)
    select gen_random_uuid(), ${reviewId}::uuid, i.id, 1, 'open' from identities i where i.id = ${identityId}::uuid and ${hasSubstance}`;
  if (count > 0) await nameReviewers(tx, { reviewId, reviewers, now });
  return count;
}

/** Who may decide about each item, and who is asked to: the first of the order who is here, or the administrators where nobody else can be. It stays so when somebody is back. */
async function nameReviewers(tx: Transaction, { reviewId, reviewers, now }: Omit<Population, "scope">): Promise<void> {
  await tx.$executeRaw`
    insert into review_reviewers (item_id, person_id, why, is_asked, since, away_until)
    select t.id, s.person_id, s.why, s.rank = 1, ${now}::timestamptz, s.away_until
    from review_items t join identities i on i.id = t.identity_id cross join lateral (${sideOf(reviewers, Prisma.sql`${now}::timestamptz`)}) s
    where t.review_id = ${reviewId}::uuid`;
  await tx.$executeRaw`
    insert into review_reviewers (item_id, person_id, why, is_asked, since)
    select t.id, p.id, 'administrator', true, ${now}::timestamptz
    from review_items t
    cross join lateral (
      select p.id from people p join person_roles r on r.person_id = p.id and r.role = 'administrator' where p.left_at is null order by p.id limit ${mostAdministrators}::int
    ) p
    where t.review_id = ${reviewId}::uuid and not exists (select from review_reviewers x where x.item_id = t.id)`;
}

/** How many people are asked in a review, and about how many items nobody but administrators can be. */
export async function countAsked(tx: Transaction, reviewId: string): Promise<{ people: number; unaskable: number }> {
  const [row] = await tx.$queryRaw<{ people: number; unaskable: number }[]>`
    select count(distinct r.person_id)::int as people, count(distinct r.item_id) filter (where r.why = 'administrator')::int as unaskable
    from review_items t join review_reviewers r on r.item_id = t.id and r.is_asked where t.review_id = ${reviewId}::uuid`;
  return row ?? { people: 0, unaskable: 0 };
}
