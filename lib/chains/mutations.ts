import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { readChainFacts, readTouchedRequests } from "./data";
import { gapsOf, unprovenAfterMs } from "./rules";
import { sealOf } from "./seal";
import { gapKinds, type ChainFacts, type Gap, type Seal } from "./types";

const worker: Actor = { kind: "system", process: "worker" };
/** Events looked through in one go. */
const stretch = 2_000;
/** Chains looked at again by the clock in one go. */
const dueAtOnce = 100;

const keyOf = (requestId: string, { kind, grantId, detail }: Pick<Gap, "kind" | "grantId" | "detail">) =>
  `${kind}:${grantId ?? requestId}${typeof detail["personId"] === "string" ? `:${detail["personId"]}` : ""}`;

/**
 * Looks at every chain that new events are about, and at those whose time has come; answers how many. Any number of workers
 * may call it: each look is a transaction of its own under the request's lock, and repeating one changes nothing.
 */
export async function examineChains(most = 20): Promise<number> {
  let looked = 0;
  for (let turn = 0; turn < most; turn += 1) {
    const { position } = await db.chainCursor.findUniqueOrThrow({ where: { id: 1 } });
    const { requestIds, next } = await readTouchedRequests(position, stretch);
    for (const id of requestIds) await examineChain(id);
    looked += requestIds.length;
    if (next === position) break;
    // Only forward: another worker may have got further meanwhile.
    await db.chainCursor.updateMany({ where: { id: 1, position: { lt: next } }, data: { position: next } });
  }
  const due = await db.$queryRaw<{ id: string }[]>`
    select request_id as id from chain_checks where look_again_at <= clock_timestamp() order by look_again_at limit ${dueAtOnce}::int`;
  for (const { id } of due) await examineChain(id);
  return looked + due.length;
}

/** Looks at one chain: opens a finding for each gap, closes those that are explained by now, and seals it or breaks its seal. */
export async function examineChain(requestId: string): Promise<void> {
  await inTransaction(async (tx, now) => {
    if (!(await holdRequest(tx, requestId))) return;
    const chain = await readChainFacts(tx, requestId);
    if (!chain) return;
    const gaps = gapsOf(chain, now);
    await keepFindings(tx, chain, gaps, now);
    const seal = sealOf({ requestState: chain.requestState, grants: chain.grants.map((grant) => ({ ...grant, endedAt: grant.provenAt ?? grant.closedAt })) });
    await keepSeal(tx, chain, { seal, now });
  });
}

/**
 * Keeps others from judging the same request. In the order in which asking locks, and lightly: findings point to the identity, and
 * what others write meanwhile may point to the request, so nobody waits in a circle.
 */
async function holdRequest(tx: Transaction, requestId: string): Promise<boolean> {
  await tx.$queryRaw`select i.id from identities i where i.id = (select identity_id from requests where id = ${requestId}::uuid) for key share`;
  const rows = await tx.$queryRaw<{ id: string }[]>`select id from requests where id = ${requestId}::uuid for no key update`;
  return rows.length > 0;
}

async function keepFindings(tx: Transaction, chain: ChainFacts, gaps: readonly Gap[], now: Date): Promise<void> {
  const { requestId, identityId } = chain;
  const keys = new Set(gaps.map((gap) => keyOf(requestId, gap)));
  for (const gap of gaps) {
    const grant = chain.grants.find(({ id }) => id === gap.grantId) ?? chain.grants[0];
    const subjects = { identityId, ...(grant ? { grantId: grant.id, systemId: grant.systemId } : {}) };
    await openFinding(tx, { kind: gap.kind, key: keyOf(requestId, gap), title: gap.title, detail: { ...gap.detail, requestId }, subjects, actor: worker, now, demo: chain.demo });
  }
  const open = await tx.finding.findMany({
    where: { kind: { in: [...gapKinds] }, closedAt: null, OR: [{ grant: { requestId } }, { dedupeKey: { in: gapKinds.map((kind) => `${kind}:${requestId}`) } }] },
    select: { dedupeKey: true },
  });
  for (const { dedupeKey } of open) if (!keys.has(dedupeKey)) await closeFinding(tx, { key: dedupeKey, actor: worker, now });
}

const subjects = ({ requestId, identityId }: ChainFacts) => ({ request: requestId, identity: identityId });

async function keepSeal(tx: Transaction, chain: ChainFacts, { seal, now }: { readonly seal: Seal; readonly now: Date }): Promise<void> {
  const before = await tx.chainCheck.findUnique({ where: { requestId: chain.requestId } });
  const isNew = seal.state === "complete" && before?.sealedAt == null;
  if (isNew) {
    const sources = chain.grants.flatMap((grant) => (grant.activatedAt ? grant.sources : []));
    const watermarks = [...new Map(sources.map((source) => [source.sourceId, source])).values()];
    await appendEvent(tx, {
      type: "chain.sealed", at: now, actor: worker, subjects: subjects(chain), demo: chain.demo,
      data: { watermarks: watermarks.map(({ sourceId, kind, watermark }) => ({ sourceId, kind, upTo: watermark?.toISOString() ?? null })), withoutSources: seal.without !== null },
    });
  }
  const row = {
    state: seal.state,
    openUntil: seal.state === "open" ? seal.until : null,
    waitsFor: seal.state === "open" ? [...seal.late] : seal.state === "unknowable" ? [...seal.silent] : [],
    lookedAt: now,
    lookAgainAt: nextLook(chain, { seal, now }),
    ...(isNew ? { sealedAt: now } : {}),
  };
  await tx.chainCheck.upsert({ where: { requestId: chain.requestId }, create: { requestId: chain.requestId, ...row }, update: row });
}

/** When time alone can change the answer: an end that is late to be proven, a watermark that is on its way. */
function nextLook(chain: ChainFacts, { seal, now }: { readonly seal: Seal; readonly now: Date }): Date | null {
  const proofs = chain.grants.flatMap(({ state, endingAt }) => ((state === "ending" || state === "accepted") && endingAt ? [new Date(endingAt.getTime() + unprovenAfterMs + 1_000)] : []));
  const waits = seal.state === "open" || seal.state === "unknowable" ? [new Date(Math.max(now.getTime() + 30_000, seal.state === "open" ? seal.until.getTime() : now.getTime() + 600_000))] : [];
  const next = [...proofs, ...waits].filter((at) => at > now).sort((a, b) => a.getTime() - b.getTime());
  return next[0] ?? null;
}

/** Data that came later than its source's watermark broke the seal of a chain: said as an event, and looked at anew. */
export async function breakSeal(tx: Transaction, late: { readonly requestId: string; readonly identityId: string; readonly sourceId: string; readonly now: Date }): Promise<boolean> {
  const { count } = await tx.chainCheck.updateMany({ where: { requestId: late.requestId, sealedAt: { not: null }, brokenAt: null }, data: { brokenAt: late.now, lookAgainAt: late.now } });
  if (count === 0) return false;
  await appendEvent(tx, {
    type: "chain.seal-broken", at: late.now, actor: worker,
    subjects: { request: late.requestId, identity: late.identityId }, data: { sourceId: late.sourceId },
  });
  return true;
}
