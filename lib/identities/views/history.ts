import "server-only";
import { actorName, readNames } from "@/lib/evidence/views/events";
import { readLatestEventsAbout } from "@/lib/ledger/read";
import { sentenceOf } from "@/lib/ledger/sentences";
import type { HistoryLine } from "./detail-types";

const most = 40;
/** Requests and their grants have a chain of their own. */
const inChains = ["request", "policy", "grant"];

/** What happened to an identity, the newest first, in the ledger's own sentences. */
export async function readHistory(identityId: string): Promise<HistoryLine[]> {
  const events = await readLatestEventsAbout("identity", identityId, { without: inChains, most });
  const names = await readNames(events);
  return events.map((event) => ({
    id: event.eventId.toString(),
    at: event.at,
    sentence: sentenceOf(event, { actor: actorName(event.actor, names), name: names, subjects: event.subjects }),
  }));
}
