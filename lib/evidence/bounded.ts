import "server-only";
import type { Bound } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { literally } from "@/lib/db/like";
import { bareChain, maskChain, possibleNames, textsOf, type Masked } from "./masking";
import { boundOnRequests, chainSql } from "./query";
import { everything, refusedAskEvent, type EvidenceFilter } from "./schema";
import type { Choice, ChoiceKind, EvidenceChoices } from "./types";
import type { ChainView } from "./views/chain-types";

const { sql, join } = Prisma;
const mostOffered = 12;
const mostPeople = 2_000;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Whether a chain belongs to an engagement. */
export async function isWithinBound(chainId: string, bound: Bound): Promise<boolean> {
  const eventId = refusedAskEvent(chainId);
  const rows = await db.$queryRaw<unknown[]>(chainSql(eventId === null ? { requestId: chainId } : { eventId }, everything, bound));
  return rows.length > 0;
}

/** Where names of a kind stand, and how requests of an engagement lead to them. People only where names are needed. */
function sourceOf(kind: ChoiceKind, bound: Bound): readonly { readonly from: Prisma.Sql; readonly by: Prisma.Sql }[] {
  const within = join(boundOnRequests(bound), " and ");
  const among = (by: Prisma.Sql, more = sql``) => sql`exists (select from requests r ${more} where ${by} and ${within})`;
  const asked = sql`join request_entitlements re on re.request_id = r.id`;
  const people = bound.names ? [{ from: sql`people n`, by: among(sql`r.requester_id = n.id`) }] : [];
  switch (kind) {
    case "identity":
      return [{ from: sql`identities n`, by: among(sql`r.identity_id = n.id`) }];
    case "entitlement":
      return [{ from: sql`entitlements n`, by: among(sql`re.entitlement_id = n.id`, asked) }];
    case "system":
      return [{ from: sql`systems n`, by: among(sql`y.system_id = n.id`, sql`${asked} join entitlements y on y.id = re.entitlement_id`) }];
    case "requester":
      return [...people, { from: sql`identities n`, by: among(sql`r.requester_identity_id = n.id`) }];
    case "approver":
      return bound.names ? [{ from: sql`people n`, by: among(sql`v.person_id = n.id`, sql`join votes v on v.request_id = r.id`) }] : [];
    case "environment":
      return [{ from: sql`(select distinct environment as id, environment as name from identities) n`, by: among(sql`i.environment = n.id`, sql`join identities i on i.id = r.identity_id`) }];
  }
}

async function namesOf(kind: ChoiceKind, bound: Bound, which: Prisma.Sql): Promise<Choice[]> {
  const rows = await Promise.all(
    sourceOf(kind, bound).map(({ from, by }) => db.$queryRaw<{ id: string; name: string }[]>(sql`select n.id::text as id, n.name from ${from} where ${which} and ${by} order by n.name limit ${mostOffered}::int`)),
  );
  return rows.flat().slice(0, mostOffered).map(({ id, name }) => ({ value: id, label: name }));
}

/** What a filter offers somebody with an engagement: names that its chains hold. */
export function searchChoicesWithin(kind: ChoiceKind, text: string, bound: Bound): Promise<Choice[]> {
  return namesOf(kind, bound, sql`n.name ilike ${`%${literally(text)}%`}`);
}

/** The names of what a filter has chosen, as far as the engagement's chains hold them. */
export async function readChosenWithin(filter: EvidenceFilter, bound: Bound): Promise<EvidenceChoices> {
  const chosen = (kind: ChoiceKind) => (filter[kind].length === 0 ? [] : namesOf(kind, bound, sql`n.id::text = any(${[...filter[kind]]}::text[])`));
  const [identity, entitlement, system, requester, approver, environment] = await Promise.all([
    chosen("identity"), chosen("entitlement"), chosen("system"), chosen("requester"), chosen("approver"), chosen("environment"),
  ]);
  return { identity, entitlement, system, requester, approver, environment };
}

type PersonRow = { id: string; name: string; part: string };

/** Everybody whom a chain names, with the part that they had in it; whoever else its texts name had none. */
async function peopleOf(chain: ChainView, texts: readonly string[]): Promise<Masked[]> {
  const mentioned = [...new Set([...chain.events.map(({ canonical }) => canonical ?? ""), ...texts].flatMap((text) => text.match(uuid) ?? []))];
  const rows = await db.$queryRaw<PersonRow[]>`
    with parts as (
      select requester_id as id, 'requester' as part, 1 as rank from requests where id = ${chain.id}::uuid
      union all select triggered_by_id, 'requester', 1 from requests where id = ${chain.id}::uuid
      union all select v.person_id, 'approver', 2 from votes v where v.request_id = ${chain.id}::uuid
      union all select v.seat_of_id, 'approver', 2 from votes v where v.request_id = ${chain.id}::uuid
      union all select m.person_id, 'approver', 2 from stages t join stage_members m on m.stage_id = t.id where t.request_id = ${chain.id}::uuid
      union all select unnest(array[i.owner_id, i.sponsor_id, i.backup_id]), 'owner', 3 from identities i where i.id = ${chain.identity?.id ?? null}::uuid
      union all select s.person_id, 'asking side', 4 from side_members s where s.request_id = ${chain.id}::uuid
      union all select g.ended_by_id, 'person', 5 from grants g where g.request_id = ${chain.id}::uuid
      union all select b.person_id, 'requester', 1 from break_glass b join requests r on r.break_glass_id = b.id where r.id = ${chain.id}::uuid
      union all select d.closed_by_id, 'reviewer', 5 from break_glass_debts d join requests r on r.break_glass_id = d.break_glass_id where r.id = ${chain.id}::uuid
      union all select x.id, 'person', 6 from unnest(${mentioned}::uuid[]) x(id)
      union all select n.id, 'person', 6 from people n where n.name = any(${possibleNames(texts)}::text[])
    )
    select distinct on (p.id) p.id, p.name, parts.part from parts join people p on p.id = parts.id order by p.id, rank limit ${mostPeople}::int`;
  return rows;
}

/** A chain as an engagement shows it: without names and free text, unless they are needed. */
export async function chainWithin(chain: ChainView, bound: Bound): Promise<ChainView> {
  const inside = { ...chain, isBounded: true };
  if (bound.names) return inside;
  const bare = bareChain(inside);
  return maskChain(bare, await peopleOf(chain, textsOf(bare)), bound.engagementId);
}
