import "server-only";
import * as z from "zod";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import type { Prisma } from "@/lib/db/generated/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { tellFinding } from "@/lib/notifications/occasions";
import { settleNotices } from "@/lib/notifications/telling";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { lockFinding } from "./data";
import { controlsOf, type FindingKind, type SeenRefusal, whyNotSee } from "./rules";

type NewFinding = {
  readonly kind: FindingKind;
  /** One finding for one thing, however often it is seen. */
  readonly key: string;
  readonly title: string;
  readonly detail: Prisma.InputJsonObject;
  readonly subjects: { readonly systemId?: string; readonly grantId?: string; readonly identityId?: string };
  readonly actor: Actor;
  readonly now: Date;
  /** Marks what is about the demo's past. */
  readonly demo?: boolean;
};

/**
 * Opens a finding in the caller's transaction; answers whether it is new. One that is open already says what is known now, and is
 * on the open list again where somebody had looked at other facts than these.
 */
export async function openFinding(tx: Transaction, finding: NewFinding): Promise<boolean> {
  const id = newId();
  const controls = [...controlsOf(finding.kind)];
  const { systemId, grantId, identityId } = finding.subjects;
  const { count } = await tx.finding.createMany({
    data: {
      id,
      kind: finding.kind,
      dedupeKey: finding.key.slice(0, 500),
      title: finding.title.slice(0, 500),
      detail: finding.detail,
      controls,
      systemId: systemId ?? null,
      grantId: grantId ?? null,
      identityId: identityId ?? null,
      openedAt: finding.now,
      demo: finding.demo ?? false,
    },
    skipDuplicates: true,
  });
  if (count === 0) {
    await keepFacts(tx, finding);
    return false;
  }
  await appendEvent(tx, {
    type: "finding.opened",
    at: finding.now,
    actor: finding.actor,
    subjects: subjectsOf({ id, systemId, grantId, identityId }),
    data: { findingId: id, kind: finding.kind, controls },
    clear: { title: finding.title },
    ...(finding.demo ? { demo: true } : {}),
  });
  await tellFinding(tx, finding.now, { findingId: id, kind: finding.kind, title: finding.title, identityId: identityId ?? null, systemId: systemId ?? null });
  return true;
}

/** Closes an open finding in the caller's transaction; answers whether there was one. Its key is free again: the same thing may come back. */
export async function closeFinding(tx: Transaction, { key, actor, now }: Pick<NewFinding, "key" | "actor" | "now">): Promise<boolean> {
  const finding = await tx.finding.findFirst({ where: { dedupeKey: key.slice(0, 500), closedAt: null } });
  if (!finding) return false;
  const { id, kind, systemId, grantId, identityId } = finding;
  const { count } = await tx.finding.updateMany({ where: { id, closedAt: null }, data: { closedAt: now, dedupeKey: `${id}:closed` } });
  if (count === 0) return false;
  await settleNotices(tx, now, { about: { finding: id } });
  await appendEvent(tx, { type: "finding.closed", at: now, actor, subjects: subjectsOf({ id, systemId, grantId, identityId }), data: { findingId: id, kind } });
  return true;
}

type Settled = { readonly kind: FindingKind; readonly systemId: string; readonly except: readonly string[]; readonly openedBefore: Date; readonly actor: Actor; readonly now: Date };

/** Closes what a whole look at a system, begun at `openedBefore`, did not find again; `except`: the keys of what it did find. */
export async function closeFindings(tx: Transaction, { kind, systemId, except, openedBefore, actor, now }: Settled): Promise<void> {
  const gone = await tx.finding.findMany({
    where: { kind, systemId, closedAt: null, openedAt: { lt: openedBefore }, dedupeKey: { notIn: except.map((key) => key.slice(0, 500)) } }, select: { dedupeKey: true },
  });
  for (const { dedupeKey: key } of gone) await closeFinding(tx, { key, actor, now });
}

type Subjects = { readonly id: string; readonly systemId?: string | null | undefined; readonly grantId?: string | null | undefined; readonly identityId?: string | null | undefined };

const subjectsOf = ({ id, systemId, grantId, identityId }: Subjects) => ({
  finding: id, ...(systemId ? { system: systemId } : {}), ...(grantId ? { grant: grantId } : {}), ...(identityId ? { identity: identityId } : {}),
});

const keptRow = z.object({ id: z.string(), systemId: z.string().nullable(), grantId: z.string().nullable(), identityId: z.string().nullable(), wasSeen: z.boolean() });

/** A detector sees the same thing again: what it says now is kept, and who looked at it looked at something else. */
async function keepFacts(tx: Transaction, { kind, key, title, detail, actor, now, demo }: NewFinding): Promise<void> {
  const [dedupeKey, text, json] = [key.slice(0, 500), title.slice(0, 500), JSON.stringify(detail)] as const;
  const rows = await tx.$queryRaw<unknown[]>`
    with before as (
      select id, detail is distinct from ${json}::jsonb and seen_at is not null as was_seen from findings
      where dedupe_key = ${dedupeKey} and closed_at is null and (title <> ${text} or detail is distinct from ${json}::jsonb) for update)
    update findings f set title = ${text}, detail = ${json}::jsonb,
      seen_at = case when b.was_seen then null else f.seen_at end, seen_reason = case when b.was_seen then null else f.seen_reason end,
      seen_by_id = case when b.was_seen then null else f.seen_by_id end
    from before b where f.id = b.id
    returning f.id::text as id, f.system_id::text as "systemId", f.grant_id::text as "grantId", f.identity_id::text as "identityId", b.was_seen as "wasSeen"`;
  for (const { wasSeen, ...row } of rows.map((each) => keptRow.parse(each))) {
    if (!wasSeen) continue;
    await appendEvent(tx, { type: "finding.reopened", at: now, actor, subjects: subjectsOf(row), data: { findingId: row.id, kind }, ...(demo ? { demo } : {}) });
  }
}

/** Somebody looked at a finding about the past and says why it may rest: it leaves the open list and stays a gap of its chain. */
export async function seeFinding(command: { readonly actor: PersonActor; readonly findingId: string; readonly reason: string }): Promise<Result<{ findingId: string }, SeenRefusal | "secret-in-text">> {
  const { actor, findingId, reason } = command;
  const scan = await findSecrets(reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now) => {
    const finding = await lockFinding(tx, findingId);
    const objection = whyNotSee(finding, { personId: actor.personId, seesAll: allows(actor.roles, "identity:edit-any") });
    // An answer that was lost is asked for again.
    if (objection === "already-seen" && finding?.seenById === actor.personId && finding.seenReason === reason) return ok({ findingId });
    if (objection || !finding) return refuse(objection ?? "unknown-finding");
    await tx.finding.update({ where: { id: findingId }, data: { seenAt: now, seenById: actor.personId, seenReason: reason } });
    await settleNotices(tx, now, { about: { finding: findingId } });
    await appendEvent(tx, {
      type: "finding.seen", at: now, actor, subjects: subjectsOf(finding), data: { findingId, kind: finding.kind }, clear: { reason }, ...(finding.demo ? { demo: true } : {}),
    });
    return ok({ findingId });
  });
}
