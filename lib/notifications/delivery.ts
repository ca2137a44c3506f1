import "server-only";
import * as z from "zod";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { preferencesOf } from "./data";
import type { Message } from "./messages";
import { failuresUntilPause, isFinalFailure, pauseMs, webhookPauseMs } from "./rules";
import { noticeKinds, wordNames, type NoticeWords } from "./types";

const worker: Actor = { kind: "system", process: "worker" };
/** Longer than any attempt lasts: whoever has not said by then what became of it is taken for lost. */
const leaseSeconds = 90;
/** What waited this long, behind a webhook that is away, is news no more. */
const oldestHours = 72;
const namesTold = 10;

const wordsSchema = z.partialRecord(z.enum(wordNames), z.string());
const kindSchema = z.enum(noticeKinds);

/** One attempt that somebody has taken on. */
export type Attempt = { readonly id: string; readonly attempts: number; readonly message: Message };

type Claimed = { id: string; attempts: number; notice_id: string };

async function attemptsOf(tx: Transaction, claimed: readonly Claimed[]): Promise<Attempt[]> {
  const notices = await tx.notice.findMany({
    where: { id: { in: claimed.map(({ notice_id }) => notice_id) } },
    select: { id: true, kind: true, words: true, link: true, createdAt: true, items: { select: { person: { select: { name: true } } }, take: namesTold } },
  });
  return claimed.flatMap(({ id, attempts, notice_id }) => {
    const notice = notices.find((candidate) => candidate.id === notice_id);
    if (!notice) return [];
    const words: NoticeWords = wordsSchema.catch({}).parse(notice.words);
    const to = notice.items.map(({ person }) => person.name);
    return [{ id, attempts, message: { kind: kindSchema.parse(notice.kind), words, link: notice.link, createdAt: notice.createdAt, to } }];
  });
}

/** Webhooks with something due. */
export async function readDueWebhooks(): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    select w.id from webhooks w
    where w.removed_at is null and w.stopped_at is null and (w.paused_until is null or w.paused_until <= clock_timestamp())
      and exists (select from deliveries d where d.webhook_id = w.id and d.state in ('waiting', 'sending') and d.due_at <= clock_timestamp())
    order by w.id limit 200`;
  return rows.map(({ id }) => id);
}

/** A webhook's next messages; just one while it has to show that it is back. */
export function claimPosts(webhookId: string, most: number, clock: Clock = databaseClock) {
  return inTransaction(async (tx, now) => {
    const webhook = await tx.webhook.findFirst({ where: { id: webhookId, removedAt: null, stoppedAt: null, OR: [{ pausedUntil: null }, { pausedUntil: { lte: now } }] } });
    if (!webhook) return null;
    const take = webhook.failures >= failuresUntilPause ? 1 : most;
    const claimed = await tx.$queryRaw<Claimed[]>`
      update deliveries d set state = 'sending', attempts = d.attempts + 1, due_at = ${now}::timestamptz + ${leaseSeconds}::int * interval '1 second'
      from (select id from deliveries where webhook_id = ${webhookId}::uuid and state in ('waiting', 'sending') and due_at <= ${now}::timestamptz
        order by due_at, id limit ${take}::int for update skip locked) due
      where d.id = due.id returning d.id, d.attempts, d.notice_id`;
    return { webhook, now, attempts: await attemptsOf(tx, claimed) };
  }, clock);
}

/** Mails to one person that are due: one, or those of a daily mail. */
export type MailAttempt = { readonly to: string; readonly timeZone: string; readonly now: Date; readonly isDigest: boolean; readonly attempts: readonly Attempt[] };

const mostInDigest = 500;

/** The next mail that is due; null: none is. Mails to whoever has left, or holds no role any more, are dropped. */
export function claimMail(clock: Clock = databaseClock): Promise<MailAttempt | "dropped" | null> {
  return inTransaction(async (tx, now): Promise<MailAttempt | "dropped" | null> => {
    const [next] = await tx.$queryRaw<{ id: string; person_id: string; in_digest: boolean }[]>`
      select id, person_id, in_digest from deliveries where person_id is not null and state in ('waiting', 'sending') and due_at <= ${now}::timestamptz
      order by due_at, id limit 1 for update skip locked`;
    if (!next) return null;
    const person = await tx.person.findUniqueOrThrow({
      where: { id: next.person_id }, select: { email: true, leftAt: true, notificationPreference: true, _count: { select: { roles: true } } },
    });
    const only = next.in_digest ? null : next.id;
    const ids = await tx.$queryRaw<{ id: string }[]>`
      select id from deliveries where person_id = ${next.person_id}::uuid and state in ('waiting', 'sending') and due_at <= ${now}::timestamptz and in_digest = ${next.in_digest}::bool
        and (${only}::uuid is null or id = ${only}::uuid)
      order by created_at, id limit ${mostInDigest}::int for update skip locked`;
    const claimedIds = ids.map(({ id }) => id);
    if (person.email === null || person.leftAt !== null || person._count.roles === 0) {
      await tx.delivery.updateMany({ where: { id: { in: claimedIds } }, data: { state: "void", closedAt: now } });
      return "dropped";
    }
    const claimed = await tx.$queryRaw<Claimed[]>`
      update deliveries d set state = 'sending', attempts = d.attempts + 1, due_at = ${now}::timestamptz + ${leaseSeconds}::int * interval '1 second'
      where d.id = any(${claimedIds}::uuid[]) returning d.id, d.attempts, d.notice_id`;
    const attempts = await attemptsOf(tx, claimed.sort((a, b) => (a.id < b.id ? -1 : 1)));
    return { to: person.email, timeZone: preferencesOf(person.notificationPreference).timeZone, now, isDigest: next.in_digest, attempts };
  }, clock);
}

/** What came of an attempt. */
export type Outcome =
  | { readonly ok: true; readonly status: number | null }
  | { readonly ok: false; readonly code: string; readonly status: number | null; readonly askedMs?: number | null };

/** Writes down what came of attempts at mail: sent, to be tried again, or given up. */
export function recordMails(ids: readonly string[], outcome: Outcome, clock: Clock = databaseClock): Promise<void> {
  return inTransaction((tx, now) => record(tx, ids, { outcome, channel: "mail", now }), clock);
}

type Recording = { readonly outcome: Outcome; readonly channel: "mail" | "webhook"; readonly now: Date };

async function record(tx: Transaction, ids: readonly string[], { outcome, channel, now }: Recording): Promise<void> {
  const rows = await tx.$queryRaw<{ id: string; attempts: number }[]>`
    select id, attempts from deliveries where id = any(${[...ids]}::uuid[]) and state = 'sending' order by id for update`;
  const here = rows.map(({ id }) => id);
  if (outcome.ok) {
    await tx.delivery.updateMany({ where: { id: { in: here } }, data: { state: "sent", closedAt: now, failure: null, status: outcome.status } });
    return;
  }
  for (const { id, attempts } of rows) {
    const isFinal = isFinalFailure(outcome.code, attempts);
    const dueAt = new Date(now.getTime() + pauseMs(attempts, Math.random(), outcome.askedMs));
    await tx.delivery.update({
      where: { id }, data: { failure: outcome.code, status: outcome.status, ...(isFinal ? { state: "dead", closedAt: now } : { state: "waiting", dueAt }) },
    });
    if (isFinal) await appendEvent(tx, { type: "notification.undelivered", at: now, actor: worker, subjects: {}, data: { deliveryId: id, channel, code: outcome.code, attempts } });
  }
}

/** Writes down what came of one post, and what it says about its webhook: it works, it is left alone for a while, or it is gone. */
export function recordPost(webhookId: string, deliveryId: string, outcome: Outcome, clock: Clock = databaseClock): Promise<void> {
  return inTransaction(async (tx, now) => {
    const [webhook] = await tx.$queryRaw<{ failures: number; stopped_at: Date | null }[]>`
      select failures, stopped_at from webhooks where id = ${webhookId}::uuid for update`;
    await record(tx, [deliveryId], { outcome, channel: "webhook", now });
    if (!webhook) return;
    if (outcome.ok) {
      await tx.webhook.update({ where: { id: webhookId }, data: { failures: 0, pausedUntil: null, lastSentAt: now, lastFailure: null } });
      return;
    }
    const failures = webhook.failures + 1;
    const restMs = webhookPauseMs(failures);
    await tx.webhook.update({ where: { id: webhookId }, data: { failures, lastFailure: outcome.code, pausedUntil: restMs === null ? null : new Date(now.getTime() + restMs) } });
    // Standard Webhooks: a receiver that answers 410 wants no more.
    if (outcome.code === "gone" && webhook.stopped_at === null) {
      await tx.webhook.update({ where: { id: webhookId }, data: { stoppedAt: now } });
      await tx.delivery.updateMany({ where: { webhookId, state: "waiting" }, data: { state: "dead", failure: "gone", closedAt: now } });
      await appendEvent(tx, { type: "notification.webhook-stopped", at: now, actor: worker, subjects: {}, data: { webhookId, why: "gone" } });
    }
  }, clock);
}

/** Gives up what waited for days behind a receiver that is away; somebody sees it on screen and may send it again. */
export function giveUpOld(clock: Clock = databaseClock): Promise<number> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ id: string; attempts: number; channel: "mail" | "webhook" }[]>`
      update deliveries d set state = 'dead', failure = 'too-old', closed_at = ${now}::timestamptz
      from (select id from deliveries where state = 'waiting' and due_at <= ${now}::timestamptz and created_at < ${now}::timestamptz - ${oldestHours}::int * interval '1 hour'
        and not in_digest order by id limit 200 for update skip locked) old
      where d.id = old.id returning d.id, d.attempts, case when d.person_id is null then 'webhook' else 'mail' end as channel`;
    for (const { id, attempts, channel } of rows) {
      await appendEvent(tx, { type: "notification.undelivered", at: now, actor: worker, subjects: {}, data: { deliveryId: id, channel, code: "too-old", attempts } });
    }
    return rows.length;
  }, clock);
}

const announcedAtOnce = 500;

/** Tells open browsers, each about its own person only, that there is something new in the inbox; answers for how many notices. */
export function announceNotices(): Promise<number> {
  return inTransaction(async (tx) => {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      update notices n set announced_at = clock_timestamp()
      from (select id from notices where announced_at is null order by created_at limit ${announcedAtOnce}::int for update skip locked) fresh
      where n.id = fresh.id returning n.id`;
    if (rows.length === 0) return 0;
    await tx.$queryRaw`
      select pg_notify('curfew', jsonb_build_object('type', 'inbox.changed', 'subjects', jsonb_build_object('inbox', told.person_id))::text)::text as sent
      from (select distinct person_id from inbox_items where notice_id = any(${rows.map(({ id }) => id)}::uuid[])) told`;
    return rows.length;
  });
}

const keptDays = 90;

/** Forgets notices, with the names in them, after 90 days; the ledger has what happened. */
export async function forgetOldNotices(): Promise<number> {
  return db.$executeRaw`
    delete from notices where id in (
      select id from notices where created_at < clock_timestamp() - ${keptDays}::int * interval '1 day' order by created_at limit 1000 for update skip locked)`;
}
