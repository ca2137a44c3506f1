import "server-only";
import { db } from "@/lib/db/client";
import type { SubjectKind, Subjects } from "@/lib/ledger/events";
import type { StoredEvent } from "@/lib/ledger/read";
import { sentenceOf } from "@/lib/ledger/sentences";
import type { EventView } from "./chain-types";

/** Names by id. Who or what is not known any more is called erased. */
export type Names = (kind: SubjectKind | "team", id: string) => string;

const mostNames = 2_000;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Reads the names of everything that events mention, in one question per kind. */
export async function readNames(events: readonly Pick<StoredEvent, "bytes">[]): Promise<Names> {
  const ids = new Set<string>();
  for (const { bytes } of events) for (const [id] of Buffer.from(bytes).toString("utf8").matchAll(uuid)) ids.add(id);
  const among = { select: { id: true, name: true }, where: { id: { in: [...ids].slice(0, mostNames) } } } as const;
  const kinds = await Promise.all([
    db.person.findMany(among), db.identity.findMany(among), db.entitlement.findMany(among), db.system.findMany(among), db.team.findMany(among),
  ]);
  const names = new Map(kinds.flat().map(({ id, name }) => [id, name]));
  return (kind, id) => names.get(id) || `[erased ${kind}]`;
}

const processes: Readonly<Record<string, string>> = { worker: "Curfew (worker)", web: "Curfew (web)", seed: "Curfew (demo seed)", directory: "The directory (SCIM)" };

/** Who did it, in words. */
export function actorName(actor: StoredEvent["actor"], names: Names): string {
  if (actor.kind === "system") return processes[actor.process ?? ""] ?? "Curfew";
  return names(actor.kind === "workload" ? "identity" : "person", actor.id ?? "");
}

function subjectsOf(subjects: Readonly<Record<string, string>>): Subjects {
  return subjects;
}

/** An event as pages show it: its sentence, its place, its exact bytes, and what stands beside it. */
export function eventView(event: StoredEvent, names: Names): EventView {
  const who = actorName(event.actor, names);
  return {
    id: event.eventId.toString(),
    type: event.type,
    at: event.at,
    who,
    sentence: sentenceOf(event, { actor: who, name: names, subjects: subjectsOf(event.subjects) }),
    position: event.position?.toString() ?? null,
    leafHash: event.leafHash ? Buffer.from(event.leafHash).toString("hex") : null,
    canonical: Buffer.from(event.bytes).toString("utf8"),
    clear: Object.entries(event.hashed).map(([field, hash]) => ({ field, hash, value: event.clear[field] ?? null })),
    grantId: event.subjects["grant"] ?? null,
  };
}
