import "server-only";
import * as z from "zod";
import { roles as allRoles } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage, type KeysetRange } from "@/lib/db/keyset";
import type { Transaction } from "@/lib/db/transaction";
import type { Subjects } from "@/lib/ledger/events";
import type { Page } from "@/lib/platform/page";
import { defaultPreferences, groupOf } from "./rules";
import type { DeliveryQuery, InboxQuery } from "./schema";
import { sayNotice } from "./sentences";
import {
  concerns, mailModes, noticeGroups, noticeKinds, webhookFormats, wordNames, type Concern, type DeliveryRow, type InboxRow, type Preferences, type WebhookView,
} from "./types";

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

const pageSize = 50;
const countLimit = 1_000;
const wordsSchema = z.partialRecord(z.enum(wordNames), z.string()).catch({});

/** The words of a stored notice; what this build does not know is left out. */
export function sayStored({ kind, words }: { readonly kind: string; readonly words: unknown }) {
  const known = z.enum(noticeKinds).parse(kind);
  return { kind: known, ...sayNotice(known, wordsSchema.parse(words)) };
}

const itemSelect = {
  id: true, createdAt: true, readAt: true, settledAt: true, notice: { select: { kind: true, words: true, link: true, isUrgent: true } },
} as const satisfies Prisma.InboxItemSelect;

/** One page of somebody's inbox, the newest first. */
export async function listInbox(personId: string, query: InboxQuery): Promise<Page<InboxRow>> {
  const where: Prisma.InboxItemWhereInput = { personId, ...(query.show.includes("unread") ? { readAt: null } : {}) };
  const page = await readKeysetPage<Prisma.InboxItemGetPayload<{ select: typeof itemSelect }>>({
    sort: query.sort, after: query.after, before: query.before, size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row.createdAt.toISOString() }),
    read: (range) => db.inboxItem.findMany({ where: { AND: [where, beyond(range)] }, select: itemSelect, orderBy: [{ createdAt: range.order }, { id: range.order }], take: range.take }),
  });
  const found = await db.inboxItem.count({ where, take: countLimit + 1 });
  const rows = page.rows.map(({ id, createdAt, readAt, settledAt, notice }): InboxRow => {
    const said = sayStored(notice);
    return {
      ...said, id, group: groupOf(said.kind), link: notice.link, isUrgent: notice.isUrgent, createdAt: createdAt.toISOString(), isRead: readAt !== null, isSettled: settledAt !== null,
    };
  });
  return { ...page, rows, total: { count: Math.min(found, countLimit), capped: found > countLimit } };
}

function beyond({ from, order }: KeysetRange) {
  const at = from ? new Date(String(from.value)) : null;
  // Attacker-controlled: a cursor may hold a text that is no date.
  if (!from || !at || Number.isNaN(at.getTime())) return {};
  const bounds = behind(order, at, from.id);
  return { AND: [{ createdAt: bounds.edge }, { OR: [{ createdAt: bounds.beyond }, { id: bounds.id }] }] };
}

const shownStates = { waiting: ["waiting", "sending"], dead: ["dead"], sent: ["sent"] } as const;
const states = z.enum(["waiting", "sending", "sent", "dead", "void"]);

const deliverySelect = {
  id: true, state: true, attempts: true, failure: true, status: true, createdAt: true, dueAt: true,
  notice: { select: { kind: true, words: true } }, person: { select: { name: true } }, webhook: { select: { name: true } },
} as const satisfies Prisma.DeliverySelect;

/** One page of what was or is to be sent outside, the newest first. */
export async function listDeliveries(query: DeliveryQuery): Promise<Page<DeliveryRow>> {
  const wanted = query.state.flatMap((state) => [...shownStates[state]]);
  const where: Prisma.DeliveryWhereInput = wanted.length > 0 ? { state: { in: wanted } } : {};
  const page = await readKeysetPage<Prisma.DeliveryGetPayload<{ select: typeof deliverySelect }>>({
    sort: query.sort, after: query.after, before: query.before, size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row.createdAt.toISOString() }),
    read: (range) => db.delivery.findMany({ where: { AND: [where, beyond(range)] }, select: deliverySelect, orderBy: [{ createdAt: range.order }, { id: range.order }], take: range.take }),
  });
  const found = await db.delivery.count({ where, take: countLimit + 1 });
  const rows = page.rows.map(({ notice, person, webhook, createdAt, dueAt, state, ...row }): DeliveryRow => ({
    ...row, state: states.parse(state), title: sayStored(notice).title, to: webhook?.name ?? person?.name ?? "", channel: webhook ? "webhook" : "mail",
    createdAt: createdAt.toISOString(), dueAt: state === "waiting" ? dueAt.toISOString() : null,
  }));
  return { ...page, rows, total: { count: Math.min(found, countLimit), capped: found > countLimit } };
}

/** Every webhook that is not removed, by name; there are at most 50. */
export async function readWebhooks(): Promise<WebhookView[]> {
  const rows = await db.webhook.findMany({
    where: { removedAt: null },
    select: {
      id: true, name: true, format: true, host: true, groups: true, mayBeInside: true, madeAt: true, stoppedAt: true, pausedUntil: true, failures: true, lastSentAt: true, lastFailure: true,
      team: { select: { name: true } }, madeBy: { select: { name: true } }, _count: { select: { deliveries: { where: { state: { in: ["waiting", "sending"] } } } } },
    },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: 100,
  });
  return rows.map(({ format, groups, team, madeBy, madeAt, stoppedAt, pausedUntil, lastSentAt, _count, ...row }) => ({
    ...row, format: z.enum(webhookFormats).parse(format), groups: noticeGroups.filter((group) => groups.includes(group)), team: team?.name ?? null, madeBy: madeBy.name, madeAt: madeAt.toISOString(),
    stoppedAt: stoppedAt?.toISOString() ?? null, pausedUntil: pausedUntil?.toISOString() ?? null, lastSentAt: lastSentAt?.toISOString() ?? null, waiting: _count.deliveries,
  }));
}

/** Teams that a webhook can be narrowed to. */
export function readTeamChoices(): Promise<{ id: string; name: string }[]> {
  return db.team.findMany({ select: { id: true, name: true }, orderBy: { name: "asc" }, take: 500 });
}

/** A person's own address, as mail is sent to it. */
export async function readAddress(personId: string): Promise<string | null> {
  return (await db.person.findUnique({ where: { id: personId }, select: { email: true } }))?.email ?? null;
}
