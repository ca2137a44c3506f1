import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { placeFor } from "@/lib/stages/rules";
import { readRequest } from "./data";
import { decideRequest } from "./decision";
import { isFirstTime } from "./schema";
import { whyAlone, type TogetherFacts, type TogetherResult, type TogetherRow } from "./together";

type Selected = { readonly requestId: string; readonly version: number };

/** Which of the selected requests can be decided with one click, and why the others cannot. Changes nothing. */
export function previewTogether({ actor, selected }: { readonly actor: PersonActor; readonly selected: readonly Selected[] }): Promise<{ readonly rows: readonly TogetherRow[] }> {
  return inTransaction(async (tx, now) => {
    const rows: TogetherRow[] = [];
    for (const one of selected) rows.push(await previewOne(tx, one, { personId: actor.personId, now }));
    return { rows };
  });
}

async function previewOne(tx: Transaction, seen: Selected, { personId, now }: { readonly personId: string; readonly now: Date }): Promise<TogetherRow> {
  const request = await readRequest(tx, seen.requestId);
  const wasAsked = request?.stages.some(({ everAsked }) => everAsked.includes(personId)) ?? false;
  // What somebody is not asked about is not told to them either.
  if (!request || !wasAsked) return { requestId: seen.requestId, number: null, what: "a request", alone: whyAlone(null, seen) };
  const place = placeFor(request, { personId, now });
  const facts: TogetherFacts = {
    may: place.ok ? true : place.code === "own-side" ? "own-side" : "cannot-decide",
    sensitivity: request.entitlements.every(({ entitlement }) => entitlement.sensitivity === "low") ? "low" : "high",
    stepUp: request.stepUp,
    isFirst: isFirstTime(request.riskParts),
    version: request.version,
  };
  return { requestId: request.id, number: request.number, what: request.identity.name, alone: whyAlone(facts, seen) };
}

type DecideTogether = { readonly actor: PersonActor; readonly selected: readonly Selected[]; readonly answer: "approve" | "deny"; readonly reason: string };

/**
 * One answer to many requests, each in a transaction of its own: only what may be decided together is, the rest is left as it
 * is. What came of each is answered, in the order in which they were selected.
 */
export async function decideTogether(command: DecideTogether): Promise<Result<{ readonly results: readonly TogetherResult[] }, "secret-in-text" | "nothing-together">> {
  const { actor, answer, reason } = command;
  const scan = await findSecrets(reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const { rows } = await previewTogether(command);
  const batchSize = rows.filter(({ alone }) => alone === null).length;
  if (batchSize === 0) return refuse("nothing-together");
  const results: TogetherResult[] = [];
  for (const { alone, ...row } of rows) {
    if (alone !== null) {
      results.push({ ...row, code: alone });
      continue;
    }
    const version = command.selected.find(({ requestId }) => requestId === row.requestId)?.version ?? 0;
    const durationSeconds = await secondsOf(row.requestId);
    const decided = await decideRequest({ actor, requestId: row.requestId, answer, reason, version, durationSeconds, reading: { together: true, batchSize } });
    results.push(decided.ok ? { ...row, state: decided.value.state } : { ...row, code: decided.code });
  }
  return ok({ results });
}

function secondsOf(requestId: string): Promise<number> {
  return inTransaction(async (tx) => (await tx.request.findUniqueOrThrow({ where: { id: requestId }, select: { grantedDurationSeconds: true } })).grantedDurationSeconds);
}
