import "server-only";
import { actorName, readNames } from "@/lib/evidence/views/events";
import { readLatestEventsAbout } from "@/lib/ledger/read";
import { sentenceOf } from "@/lib/ledger/sentences";
import type { HistoryLine, PartPage } from "./detail-types";

const perPage = 40;
/** Requests and their grants have a chain of their own. */
const inChains = ["request", "policy", "grant"];

/** What happened to an identity, the newest first, in the ledger's own sentences; the page behind the event `after`. */
export async function readHistory(identityId: string, after: bigint | null): Promise<PartPage<HistoryLine>> {
  const found = await readLatestEventsAbout("identity", identityId, { without: inChains, most: perPage + 1, before: after });
  const events = found.slice(0, perPage);
  const names = await readNames(events);
  const rows = events.map((event) => ({
    id: event.eventId.toString(),
    at: event.at,
    sentence: sentenceOf(event, { actor: actorName(event.actor, names), name: names, subjects: event.subjects }),
  }));
  return { rows, next: found.length > perPage ? (rows.at(-1)?.id ?? null) : null, isFirst: after === null };
}
