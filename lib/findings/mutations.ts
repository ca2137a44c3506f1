import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Prisma } from "@/lib/db/generated/client";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { tellFinding } from "@/lib/notifications/occasions";
import { settleNotices } from "@/lib/notifications/telling";
import { newId } from "@/lib/platform/ids";
import { controlsOf, type FindingKind } from "./rules";

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

/** Opens a finding in the caller's transaction unless it is open already; answers whether it is new. */
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
  if (count === 0) return false;
  await appendEvent(tx, {
    type: "finding.opened",
    at: finding.now,
    actor: finding.actor,
    subjects: {
      finding: id,
      ...(systemId ? { system: systemId } : {}),
      ...(grantId ? { grant: grantId } : {}),
      ...(identityId ? { identity: identityId } : {}),
    },
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
  const subjects = { finding: id, ...(systemId ? { system: systemId } : {}), ...(grantId ? { grant: grantId } : {}), ...(identityId ? { identity: identityId } : {}) };
  await appendEvent(tx, { type: "finding.closed", at: now, actor, subjects, data: { findingId: id, kind } });
  return true;
}
