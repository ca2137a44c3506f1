import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { addCosignature, addStamp, checkpointNow, checkpointOf, type Checkpoint } from "@/lib/ledger/tree/proofs";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { dueAfterFailure, dueAfterSent } from "./rules";
import type { NewPlace } from "./schema";
import { readCertificates } from "./stamps/signature";
import { takeOutside, type Sent } from "./sender";
import type { Occasion, PlaceKind } from "./types";

const worker = { kind: "system", process: "worker" } as const;
const mostPlaces = 20;

type Due = {
  id: string; kind: PlaceKind; address: string; may_be_inside: boolean; verifier_key: string | null; certificates: string | null; sent_size: bigint | null; is_asked: boolean; after_export: boolean;
};

/** Places that are due: daily, because somebody asked, or because an export was made since. A failing one waits its time. */
function readDue(): Promise<Due[]> {
  return db.$queryRaw<Due[]>`
    select p.id, p.kind, p.address, p.may_be_inside, p.verifier_key, p.certificates, p.sent_size, p.is_asked, e.made as after_export
    from checkpoint_places p cross join lateral
      (select exists (select from exports x where x.finished_at > coalesce(p.sent_at, p.created_at)) as made) e
    where p.removed_at is null and (p.due_at <= clock_timestamp() or (p.failures = 0 and (p.is_asked or e.made)))
    order by p.due_at`;
}

const occasionOf = ({ is_asked: isAsked, after_export: afterExport }: Due): Occasion => (isAsked ? "asked" : afterExport ? "export" : "daily");

/** Writes down one try, and what the other side signed. The place may have been removed meanwhile. */
async function record(tx: Transaction, now: Date, place: Due, { checkpoint, sent }: { readonly checkpoint: Checkpoint; readonly sent: Sent }): Promise<void> {
  const [row] = await tx.$queryRaw<{ failures: number; failing_since: Date | null }[]>`
    select failures, failing_since from checkpoint_places where id = ${place.id}::uuid and removed_at is null for update`;
  if (!row) return;
  const [size, occasion] = [checkpoint.size, occasionOf(place)];
  await tx.checkpointSending.create({ data: { id: newId(), placeId: place.id, size, occasion, at: now, outcome: sent.ok ? "sent" : "failed", code: sent.ok ? null : sent.code } });
  const about = { placeId: place.id, kind: place.kind, size: Number(size), occasion };
  if (!sent.ok) {
    const failures = row.failures + 1;
    await tx.checkpointPlace.update({ where: { id: place.id }, data: { failures, failingSince: row.failing_since ?? now, dueAt: dueAfterFailure(failures, now) } });
    await appendEvent(tx, { type: "checkpoint.not-sent", at: now, actor: worker, subjects: {}, data: { ...about, code: sent.code } });
    return;
  }
  if (sent.cosignature) await addCosignature(tx, size, sent.cosignature);
  if (sent.stamp) await addStamp(tx, size, { authority: place.address, ...sent.stamp });
  await tx.checkpointPlace.update({
    where: { id: place.id },
    data: { failures: 0, failingSince: null, isAsked: false, sentSize: size, sentAt: now, dueAt: dueAfterSent(now), isAnchored: sent.stamp?.isAnchored ?? null },
  });
  await appendEvent(tx, { type: "checkpoint.sent", at: now, actor: worker, subjects: {}, data: { ...about, root: Buffer.from(checkpoint.root).toString("base64"), ...(sent.stamp ? { isAnchored: sent.stamp.isAnchored } : {}) } });
}

/** The worker's turn: signs, and takes the checkpoint to every place that is due. Witnesses first, so that the others get their lines. */
export async function sendDueCheckpoints(): Promise<number> {
  const due = await readDue();
  if (due.length === 0) return 0;
  const { size } = await checkpointNow();
  for (const place of due.toSorted((a, b) => Number(b.kind === "witness") - Number(a.kind === "witness"))) {
    // With the lines that witnesses have put to it by now.
    const checkpoint = (await checkpointOf(size)) ?? (await checkpointNow());
    const sent = await takeOutside({ ...place, mayBeInside: place.may_be_inside, verifierKey: place.verifier_key, sentSize: place.sent_size }, checkpoint);
    await inTransaction((tx, now) => record(tx, now, place, { checkpoint, sent }));
  }
  return due.length;
}

type MakeRefusal = "too-many-places" | "name-is-secret" | "no-certificate";

/** Has checkpoints taken to one more place, the first one at once. */
export async function makePlace({ actor, place }: { readonly actor: PersonActor; readonly place: NewPlace }): Promise<Result<{ placeId: string }, MakeRefusal>> {
  const { kind, name, address, mayBeInside, verifierKey } = place;
  const certificates = kind === "timestamp" ? place.certificates : null;
  if ((await findSecrets(`${name} ${address}`)).found) return refuse("name-is-secret");
  const anchors = certificates === null ? null : readCertificates(certificates);
  if (certificates !== null && anchors === null) return refuse("no-certificate");
  return inTransaction(async (tx, now) => {
    if ((await tx.checkpointPlace.count({ where: { removedAt: null } })) >= mostPlaces) return refuse("too-many-places");
    const id = newId();
    const key = kind === "witness" ? verifierKey : null;
    await tx.checkpointPlace.create({ data: { id, kind, name, address, mayBeInside, verifierKey: key, certificates, createdAt: now, createdById: actor.personId, dueAt: now } });
    await appendEvent(tx, { type: "checkpoint.place-made", at: now, actor, subjects: {}, data: { placeId: id, kind, mayBeInside, verifierKey: key, ...(anchors ? { anchors: anchors.map(({ fingerprint256 }) => fingerprint256) } : {}) }, clear: { name, address } });
    return ok({ placeId: id });
  });
}

type OnPlace = { readonly actor: PersonActor; readonly placeId: string };

/** Takes no checkpoint to a place any more. What is there stays there. */
export function removePlace({ actor, placeId }: OnPlace): Promise<Result<{ placeId: string }, "unknown-place">> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.checkpointPlace.updateMany({ where: { id: placeId, removedAt: null }, data: { removedAt: now } });
    if (count === 0) return refuse("unknown-place");
    await appendEvent(tx, { type: "checkpoint.place-removed", at: now, actor, subjects: {}, data: { placeId } });
    return ok({ placeId });
  });
}

/** Has a checkpoint taken to a place now; the worker does it within seconds. Whoever asked stands on the sending's event as its occasion. */
export function askForSending({ placeId }: OnPlace): Promise<Result<{ placeId: string }, "unknown-place">> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.checkpointPlace.updateMany({ where: { id: placeId, removedAt: null }, data: { isAsked: true, dueAt: now } });
    return count === 0 ? refuse("unknown-place") : ok({ placeId });
  });
}
