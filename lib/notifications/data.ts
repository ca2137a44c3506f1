import "server-only";
import * as z from "zod";
import { roles as allRoles } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import type { Subjects } from "@/lib/ledger/events";
import { defaultPreferences } from "./rules";
import { concerns, mailModes, noticeGroups, type Concern, type Preferences } from "./types";

/** Somebody who could be told, with what decides whether and how. */
export type KnownRecipient = {
  readonly personId: string;
  readonly email: string | null;
  readonly hasLeft: boolean;
  readonly roles: readonly (typeof allRoles)[number][];
  readonly concerns: ReadonlySet<Concern>;
  readonly preferences: Preferences;
};

const mailSchema = z.partialRecord(z.enum(noticeGroups), z.enum(mailModes)).catch({});

type Stored = { mail: unknown; dailyHour: number; quietFrom: number | null; quietUntil: number | null; timeZone: string };

/** Stored wishes; what is not chosen, or not understood any more, is the default. */
export function preferencesOf(row: Stored | null): Preferences {
  if (!row) return defaultPreferences;
  const { dailyHour, quietFrom, quietUntil, timeZone } = row;
  return {
    mail: { ...defaultPreferences.mail, ...mailSchema.parse(row.mail), emergency: "at-once" },
    dailyHour,
    quiet: quietFrom === null || quietUntil === null ? null : { from: quietFrom, until: quietUntil },
    timeZone: Intl.supportedValuesOf("timeZone").includes(timeZone) ? timeZone : "UTC",
  };
}

/** People with their roles, wishes, and how they stand to the subjects, read in the transaction that tells them. */
export async function readRecipients(tx: Transaction, people: readonly string[], subjects: Subjects): Promise<KnownRecipient[]> {
  const [rows, concerned] = [
    await tx.person.findMany({
      where: { id: { in: [...people] } },
      select: { id: true, email: true, leftAt: true, roles: { select: { role: true } }, notificationPreference: true },
    }),
    await readConcerns(tx, people, subjects),
  ];
  return rows.map(({ id, email, leftAt, roles, notificationPreference }) => ({
    personId: id,
    email,
    hasLeft: leftAt !== null,
    roles: allRoles.filter((role) => roles.some((held) => held.role === role)),
    concerns: concerned.get(id) ?? new Set(),
    preferences: preferencesOf(notificationPreference),
  }));
}

async function readConcerns(tx: Transaction, people: readonly string[], { request, grant, identity, review, person }: Subjects): Promise<Map<string, Set<Concern>>> {
  const found = await tx.$queryRaw<{ person_id: string; concern: string }[]>`
    with about as (
      select r.id, r.requester_id, r.triggered_by_id, r.made_for_id, r.identity_id from requests r
      where r.id = ${request ?? null}::uuid or r.id = (select g.request_id from grants g where g.id = ${grant ?? null}::uuid)
    ), named as (
      select ${identity ?? null}::uuid as id union select identity_id from about
    ), wanted as (
      select e.resource_owner_id, e.resource_team_id from entitlements e
      where e.id in (select q.entitlement_id from request_entitlements q join about a on a.id = q.request_id)
    )
    select distinct who.person_id, who.concern from (
      select unnest(array[requester_id, triggered_by_id, made_for_id]) as person_id, 'asker' as concern from about
      union all select s.person_id, 'side' from side_members s join about a on a.id = s.request_id
      union all select m.person_id, 'asked' from stage_members m join stages t on t.id = m.stage_id join about a on a.id = t.request_id where m.removed_at is null
      union all select unnest(array[i.owner_id, i.sponsor_id, i.backup_id]), 'owner-side' from identities i join named n on n.id = i.id
      union all select resource_owner_id, 'resource' from wanted
      union all select m.person_id, 'resource' from team_members m join wanted w on w.resource_team_id = m.team_id
      union all select r.person_id, 'reviewer' from review_items t join review_reviewers r on r.item_id = t.id where t.review_id = ${review ?? null}::uuid
      union all select o.person_id, 'offered' from hand_over_offers o join hand_overs h on h.id = o.hand_over_id
        where h.identity_id = ${identity ?? null}::uuid and h.state = 'offered' and o.answer is null
    ) who where who.person_id = any(${[...people]}::uuid[])`;
  const byPerson = new Map(people.map((id): [string, Set<Concern>] => [id, new Set(id === person ? ["self"] : [])]));
  for (const row of found) {
    const concern = concerns.find((known) => known === row.concern);
    if (concern) byPerson.get(row.person_id)?.add(concern);
  }
  return byPerson;
}

/** How one person wants to be told. */
export async function readPreferences(personId: string): Promise<Preferences> {
  return preferencesOf(await db.notificationPreference.findUnique({ where: { personId } }));
}

/** How many notices somebody has not read, up to 100. */
export async function countUnread(personId: string): Promise<number> {
  const rows = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from (select 1 from inbox_items where person_id = ${personId}::uuid and read_at is null limit 100) unread`;
  return rows[0]?.count ?? 0;
}
