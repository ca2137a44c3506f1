import "server-only";
import * as z from "zod";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import type { Subjects } from "@/lib/ledger/events";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { logger } from "@/lib/platform/logger";
import { readRecipients, type KnownRecipient } from "./data";
import { asks, groupOf, mailAt, mayBeTold, repeats } from "./rules";
import { noticeKinds, wordNames, type NewNotice, type NoticeKind, type NoticeWords, type WordName } from "./types";

/** A path of this product: never another origin, however a browser reads it. */
const linkSchema = z.string().max(500).regex(/^\/(?:[\w~.!$&'()*+,;=:@%-][\w~.!$&'()*+,;=:@%/-]*)(?:\?[\w~.!$&'()*+,;=:@%/?-]*)?(?:#[\w-]*)?$/);
const longestWord = 200;
/** What a demo tells of its past is history, not news. */
const demoNewsDays = 3;

/** What became of a notice: who was told, and who may not know and was not. */
export type Told = { readonly told: readonly string[]; readonly withheld: readonly string[] };

/** Names come from outside: one line each, without characters that turn text around or hide in it. */
function cleanWords(words: NoticeWords): NoticeWords {
  const clean: Partial<Record<WordName, string>> = {};
  for (const name of wordNames) {
    const text = words[name]?.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
    if (text) clean[name] = text.length > longestWord ? `${text.slice(0, longestWord - 1)}…` : text;
  }
  return clean;
}

/** The thing that a notice is about, for settling: the most of a life cycle that it names. */
function aboutOf(subjects: Subjects): string {
  for (const kind of ["proposal", "review", "request", "grant", "finding", "identity", "system", "person"] as const) {
    const id = subjects[kind];
    if (id !== undefined) return `${kind}:${id}`;
  }
  return "nothing";
}

function causeOf({ kind, cause, subjects, link }: NewNotice, now: Date): string {
  if (cause !== undefined) return `${kind}|${cause}`;
  const about = Object.entries(subjects).sort(([a], [b]) => (a < b ? -1 : 1)).map(([subject, id]) => `${subject}:${id}`);
  return [kind, ...about, link, ...(repeats(kind) ? [now.toISOString()] : [])].join("|");
}

/**
 * Tells people something, in the caller's transaction: it is told exactly if the transaction commits. Rows that decide who may
 * know (stage members, reviewers, offers) must be written before. Whoever may not know is left out and answered as `withheld`.
 */
export async function notify(tx: Transaction, now: Date, notice: NewNotice): Promise<Told> {
  const people = [...new Set(notice.people)];
  if (people.length === 0) return { told: [], withheld: [] };
  if (notice.demo && (await isHistory(tx, now))) return { told: [], withheld: [] };
  const link = linkSchema.parse(notice.link);
  const recipients = await readRecipients(tx, people, notice.subjects);
  const allowed = recipients.filter((recipient) => mayBeTold(notice.kind, recipient));
  const withheld = people.filter((id) => !allowed.some(({ personId }) => personId === id));
  if (withheld.length > 0) logger.info({ event: "notification.withheld", kind: notice.kind, people: withheld.length });
  if (allowed.length === 0) return { told: [], withheld };
  const isUrgent = notice.isUrgent ?? groupOf(notice.kind) === "emergency";
  const noticeId = await keepNotice(tx, { ...notice, link, isUrgent, cause: causeOf(notice, now) }, now);
  const told = await fillInboxes(tx, noticeId, allowed, now);
  if (told.length === 0) return { told: [], withheld };
  await tx.notice.update({ where: { id: noticeId }, data: { announcedAt: null } });
  if (!notice.demo) {
    await orderMails(tx, noticeId, { kind: notice.kind, isUrgent, recipients: told }, now);
    await orderPosts(tx, noticeId, { kind: notice.kind, told: told.map(({ personId }) => personId) }, now);
  }
  const ids = told.map(({ personId }) => personId);
  // Who was told of an emergency is evidence; of anything else it is only news.
  if (groupOf(notice.kind) === "emergency") {
    await appendEvent(tx, {
      type: "notification.told", at: now, actor: { kind: "system", process: "worker" }, subjects: notice.subjects, data: { noticeId, kind: notice.kind, people: ids }, demo: notice.demo ?? false,
    });
  }
  return { told: ids, withheld };
}

async function isHistory(tx: Transaction, now: Date): Promise<boolean> {
  const rows = await tx.$queryRaw<{ old: boolean }[]>`select ${now}::timestamptz < clock_timestamp() - ${demoNewsDays}::int * interval '1 day' as old`;
  return rows[0]?.old ?? false;
}

type Kept = NewNotice & { readonly isUrgent: boolean; readonly cause: string };

/** The notice of this cause, made now or known already; its row stays locked, so that two tellers take turns. */
async function keepNotice(tx: Transaction, { kind, cause, about, subjects, words, link, isUrgent, demo }: Kept, now: Date): Promise<string> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    insert into notices (id, kind, cause, about, words, link, is_urgent, created_at, announced_at, demo)
    values (${newId()}::uuid, ${kind}, ${cause}, ${about ?? aboutOf(subjects)}, ${JSON.stringify(cleanWords(words))}::jsonb, ${link}, ${isUrgent}::bool, ${now}::timestamptz, ${now}::timestamptz, ${demo ?? false}::bool)
    on conflict (cause) do update set cause = excluded.cause returning id`;
  const id = rows[0]?.id;
  if (id === undefined) throw new TypeError("an insert that returns answers with a row");
  return id;
}

/** Puts the notice into inboxes that do not have it yet; answers whose. */
async function fillInboxes(tx: Transaction, noticeId: string, recipients: readonly KnownRecipient[], now: Date): Promise<KnownRecipient[]> {
  const ids = recipients.map(() => newId());
  const rows = await tx.$queryRaw<{ person_id: string }[]>`
    insert into inbox_items (id, notice_id, person_id, created_at)
    select item, ${noticeId}::uuid, person, ${now}::timestamptz
    from unnest(${ids}::uuid[], ${recipients.map(({ personId }) => personId)}::uuid[]) as given(item, person)
    on conflict (notice_id, person_id) do nothing returning person_id`;
  const added = new Set(rows.map(({ person_id }) => person_id));
  return recipients.filter(({ personId }) => added.has(personId));
}

async function orderMails(tx: Transaction, noticeId: string, { kind, isUrgent, recipients }: { kind: NoticeKind; isUrgent: boolean; recipients: readonly KnownRecipient[] }, now: Date): Promise<void> {
  if (env.mail === null) return;
  const mails = recipients.flatMap(({ personId, email, preferences }) => {
    const planned = email === null ? null : mailAt({ kind, isUrgent }, preferences, now);
    return planned ? [{ id: newId(), noticeId, personId, inDigest: planned.inDigest, state: "waiting", dueAt: planned.at, createdAt: now }] : [];
  });
  if (mails.length > 0) await tx.delivery.createMany({ data: mails });
}

/** One post per webhook and notice, however many people are told at whatever time. */
async function orderPosts(tx: Transaction, noticeId: string, { kind, told }: { kind: NoticeKind; told: readonly string[] }, now: Date): Promise<void> {
  const webhooks = await tx.$queryRaw<{ id: string }[]>`
    select w.id from webhooks w
    where w.removed_at is null and w.stopped_at is null and ${groupOf(kind)} = any(w.groups)
      and (w.team_id is null or exists (select from team_members m where m.team_id = w.team_id and m.person_id = any(${[...told]}::uuid[])))
      and not exists (select from deliveries d where d.notice_id = ${noticeId}::uuid and d.webhook_id = w.id)
    order by w.id limit 100`;
  const posts = webhooks.map(({ id }) => ({ id: newId(), noticeId, webhookId: id, state: "waiting", dueAt: now, createdAt: now }));
  if (posts.length > 0) await tx.delivery.createMany({ data: posts });
}

type Settling = {
  /** The thing, as the notices' subjects named it, `{ request: id }`, or as their `about`. */
  readonly about: Subjects | string;
  /** Only what this person was asked; without it what anybody was. */
  readonly personId?: string;
};

const asking = noticeKinds.filter((kind) => asks(kind));

/**
 * What notices about this asked for is done, or not asked any more: they stand in the inboxes as settled, and what was not sent
 * yet to the people it no longer asks is not sent.
 */
export async function settleNotices(tx: Transaction, now: Date, { about, personId }: Settling): Promise<void> {
  const thing = typeof about === "string" ? about : aboutOf(about);
  const only = personId ?? null;
  const settled = await tx.$queryRaw<{ notice_id: string; person_id: string }[]>`
    update inbox_items i set settled_at = ${now}::timestamptz, read_at = coalesce(i.read_at, ${now}::timestamptz)
    from notices n where n.id = i.notice_id and n.about = ${thing} and n.kind = any(${asking}::text[]) and i.settled_at is null
      and (${only}::uuid is null or i.person_id = ${only}::uuid)
    returning i.notice_id, i.person_id`;
  if (settled.length === 0) return;
  await tx.$executeRaw`
    update deliveries d set state = 'void', closed_at = ${now}::timestamptz
    from unnest(${settled.map((row) => row.notice_id)}::uuid[], ${settled.map((row) => row.person_id)}::uuid[]) as gone(notice, person)
    where d.notice_id = gone.notice and d.person_id = gone.person and d.state = 'waiting'`;
  const notices = [...new Set(settled.map((row) => row.notice_id))];
  await tx.notice.updateMany({ where: { id: { in: notices } }, data: { announcedAt: null } });
}
