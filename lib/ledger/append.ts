import "server-only";
import { createHash, randomBytes } from "node:crypto";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { canonicalBytes } from "./canonical";
import { eventTypes, type EventData, type EventType, type Subjects } from "./events";

/** An event about to be appended. */
export type NewEvent<Type extends EventType> = {
  readonly type: Type;
  readonly at: Date;
  readonly actor: Actor;
  readonly subjects: Subjects;
  readonly data: EventData<Type>;
  /** Names and free text: the event holds their salted hashes, the values stand beside it and can be erased. */
  readonly clear?: Readonly<Record<string, string | null | undefined>>;
  /** Marks what the demo's seed wrote. */
  readonly demo?: boolean;
};

/** Ids only: who an actor is called is not part of the event. */
function actorRecord(actor: Actor): Record<string, string> {
  switch (actor.kind) {
    case "person":
      return { kind: "person", id: actor.personId };
    case "workload":
      return { kind: "workload", id: actor.identityId, ...(actor.tokenId ? { tokenId: actor.tokenId } : {}) };
    case "system":
      return { kind: "system", process: actor.process };
  }
}

/** SHA-256 over salt and UTF-8 text, as lower-case hex. */
export function saltedHash(salt: Uint8Array, value: string): string {
  return createHash("sha256").update(salt).update(value, "utf8").digest("hex");
}

function saltClear(clear: NewEvent<EventType>["clear"]) {
  const hashed: Record<string, string> = {};
  const beside: Record<string, { salt: string; value: string }> = {};
  for (const [field, value] of Object.entries(clear ?? {})) {
    if (value === null || value === undefined || value === "") continue;
    const salt = randomBytes(16);
    hashed[field] = saltedHash(salt, value);
    beside[field] = { salt: salt.toString("hex"), value };
  }
  return { hashed, beside };
}

/**
 * Appends an event to the ledger in the caller's transaction; there is no other way in. The body is canonical JSON
 * (RFC 8785): `{v, type, at, actor, subjects, data, hashed, demo?}`. Lock what the event is about first. Throws when data
 * does not have its type's shape: evidence of an unknown shape is worse than a rolled-back change.
 */
export async function appendEvent<Type extends EventType>(tx: Transaction, event: NewEvent<Type>): Promise<void> {
  const { body, beside } = bytesOf(event);
  await tx.$queryRaw`select ledger.append(${event.type}::text, ${body}::bytea, ${event.at}::timestamptz,
    ${JSON.stringify(event.subjects)}::jsonb, ${beside}::jsonb)::text as id`;
}

/** Events in one statement. */
const batchSize = 1_000;

/** Appends many events in their order with few statements; the same rules as for one. */
export async function appendEvents<Type extends EventType>(tx: Transaction, events: readonly NewEvent<Type>[]): Promise<void> {
  for (let start = 0; start < events.length; start += batchSize) {
    const rows = events.slice(start, start + batchSize).map((event) => {
      const { body, beside } = bytesOf(event);
      return { type: event.type, body: Buffer.from(body).toString("base64"), at: event.at.toISOString(), subjects: event.subjects, beside };
    });
    await tx.$queryRaw`
      select count(*)::int as appended from (
        select ledger.append(e->>'type', decode(e->>'body', 'base64'), (e->>'at')::timestamptz, e->'subjects', (e->>'beside')::jsonb) as id
        from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) with ordinality as given(e, n) order by n offset 0) made`;
  }
}

/** The event's exact bytes, and what stands beside it in clear. */
function bytesOf<Type extends EventType>(event: NewEvent<Type>): { body: Uint8Array<ArrayBuffer>; beside: string } {
  const definition = eventTypes[event.type];
  const { hashed, beside } = saltClear(event.clear);
  const body = canonicalBytes({
    v: definition.version,
    type: event.type,
    at: event.at.toISOString(),
    actor: actorRecord(event.actor),
    subjects: event.subjects,
    data: definition.data.parse(event.data),
    hashed,
    ...(event.demo ? { demo: true } : {}),
  });
  return { body, beside: JSON.stringify(beside) };
}
