import "server-only";
import type { Bound } from "@/lib/auth/actor";
import { readEvent, type StoredEvent } from "@/lib/ledger/read";
import { latestCheckpoint, tlogProof } from "@/lib/ledger/tree/proofs";
import { isWithinBound } from "../bounded";
import { refusedAskId } from "../schema";

/** An event's proof, or why there is none yet: no checkpoint covers it. */
export type EventProof = { readonly state: "covered"; readonly position: bigint; readonly proof: string } | { readonly state: "not-covered"; readonly position: bigint | null; readonly size: bigint };

type Visible = { readonly event: StoredEvent; readonly chainId: string | null };

/** An event that somebody may see, and the chain that it belongs to: whoever has an engagement sees those of its chains only. */
async function readVisible(eventId: bigint, bound: Bound | undefined): Promise<Visible | null> {
  const event = await readEvent(eventId);
  if (!event) return null;
  const chainId = event.subjects["request"] ?? (event.type === "request.refused" ? refusedAskId(eventId) : null);
  return !bound || (chainId !== null && (await isWithinBound(chainId, bound))) ? { event, chainId } : null;
}

/** Proof that an event is in the ledger, against the newest signed checkpoint; null where there is no such event, or it is not theirs to see. */
export async function readEventProof(eventId: bigint, bound?: Bound): Promise<(EventProof & Pick<Visible, "chainId">) | null> {
  const visible = await readVisible(eventId, bound);
  if (!visible) return null;
  const { event: { position }, chainId } = visible;
  const checkpoint = await latestCheckpoint();
  if (position === null || checkpoint === null || position >= checkpoint.size) return { state: "not-covered", position, size: checkpoint?.size ?? 0n, chainId };
  return { state: "covered", position, proof: await tlogProof(position, checkpoint), chainId };
}

type EventBytes = { readonly bytes: Uint8Array<ArrayBuffer>; readonly position: bigint | null } & Pick<Visible, "chainId">;

/** The exact bytes of an event, which its leaf hash covers; null as above, and where an engagement leaves out the ids of persons, which they hold. */
export async function readEventBytes(eventId: bigint, bound?: Bound): Promise<EventBytes | null> {
  if (bound && !bound.names) return null;
  const visible = await readVisible(eventId, bound);
  return visible && { bytes: new Uint8Array(visible.event.bytes), position: visible.event.position, chainId: visible.chainId };
}
