import "server-only";
import type { Bound } from "@/lib/auth/actor";
import { readEvent, type StoredEvent } from "@/lib/ledger/read";
import { latestCheckpoint, tlogProof } from "@/lib/ledger/tree/proofs";
import { isWithinBound } from "../bounded";
import { refusedAskId } from "../schema";

/** An event's proof, or why there is none yet: no checkpoint covers it. */
export type EventProof = { readonly state: "covered"; readonly position: bigint; readonly proof: string } | { readonly state: "not-covered"; readonly position: bigint | null; readonly size: bigint };

/** An event that somebody may see: whoever has an engagement sees those of its chains only. */
async function readVisible(eventId: bigint, bound: Bound | undefined): Promise<StoredEvent | null> {
  const event = await readEvent(eventId);
  if (!event || !bound) return event;
  const chainId = event.subjects["request"] ?? (event.type === "request.refused" ? refusedAskId(eventId) : null);
  return chainId !== null && (await isWithinBound(chainId, bound)) ? event : null;
}

/** Proof that an event is in the ledger, against the newest signed checkpoint; null where there is no such event, or it is not theirs to see. */
export async function readEventProof(eventId: bigint, bound?: Bound): Promise<EventProof | null> {
  const event = await readVisible(eventId, bound);
  if (!event) return null;
  const { position } = event;
  const checkpoint = await latestCheckpoint();
  if (position === null || checkpoint === null || position >= checkpoint.size) return { state: "not-covered", position, size: checkpoint?.size ?? 0n };
  return { state: "covered", position, proof: await tlogProof(position, checkpoint) };
}

/** The exact bytes of an event, which its leaf hash covers; null as above, and where an engagement leaves out the ids of persons, which they hold. */
export async function readEventBytes(eventId: bigint, bound?: Bound): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly position: bigint | null } | null> {
  if (bound && !bound.names) return null;
  const event = await readVisible(eventId, bound);
  return event && { bytes: new Uint8Array(event.bytes), position: event.position };
}
