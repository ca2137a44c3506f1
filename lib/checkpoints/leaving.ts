import "server-only";
import { databaseClock, inTransaction, type Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import type { FindingKind } from "@/lib/findings/rules";
import { isUnreached, keepingKinds, whyInside, type Leaving } from "./rules";

const worker = { kind: "system", process: "worker" } as const;
type Wrong = { readonly kind: Extract<FindingKind, "checkpoints-inside" | "place-unreached">; readonly key: string; readonly title: string; readonly detail: Readonly<Record<string, string>> };

async function readLeaving(tx: Transaction): Promise<Leaving> {
  const rows = await tx.$queryRaw<Leaving[]>`
    select count(*) filter (where p.removed_at is null)::int as places, max(p.sent_at) as "lastSentAt", min(p.created_at) as "firstPlaceAt",
      (select signed_at from ledger.checkpoint order by size limit 1) as "firstSignedAt"
    from checkpoint_places p where p.kind = any(${[...keepingKinds]}::text[])`;
  return rows[0] ?? { places: 0, lastSentAt: null, firstSignedAt: null, firstPlaceAt: null };
}

async function readWrongs(tx: Transaction, now: Date): Promise<Wrong[]> {
  const inside = whyInside(await readLeaving(tx), now);
  const failing = await tx.checkpointPlace.findMany({ where: { removedAt: null, failingSince: { not: null } }, select: { id: true, name: true, failingSince: true } });
  return [
    ...(inside ? [{ kind: "checkpoints-inside" as const, key: `checkpoints-inside:${inside.why}`, title: inside.title, detail: { why: inside.why } }] : []),
    ...failing
      .filter(({ failingSince }) => isUnreached(failingSince, now))
      .map(({ id, name }) => ({ kind: "place-unreached" as const, key: `place-unreached:${id}`, title: `Checkpoints have not got to ${name} for a day`, detail: { placeId: id } })),
  ];
}

/** The worker's turn: a finding where no checkpoint leaves the house, and for each place that fails for long; closed once it is mended. */
export async function judgeLeaving(clock = databaseClock): Promise<void> {
  await inTransaction(async (tx, now) => {
    const wrongs = await readWrongs(tx, now);
    const keys = new Set(wrongs.map(({ key }) => key));
    const open = await tx.finding.findMany({ where: { kind: { in: ["checkpoints-inside", "place-unreached"] }, closedAt: null }, select: { dedupeKey: true } });
    const known = new Set(open.map(({ dedupeKey }) => dedupeKey));
    for (const { dedupeKey } of open) if (!keys.has(dedupeKey)) await closeFinding(tx, { key: dedupeKey, actor: worker, now });
    for (const wrong of wrongs) if (!known.has(wrong.key)) await openFinding(tx, { ...wrong, subjects: {}, actor: worker, now });
  }, clock);
}
