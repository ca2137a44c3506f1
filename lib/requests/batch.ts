import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { placeFor } from "@/lib/stages/rules";
import { readRequest } from "./data";
import { decideRequest } from "./decision";
import { isFirstTime } from "./schema";
import { whyAlone, type TogetherFacts, type TogetherNews, type TogetherRow } from "./together";
import type { RequestState } from "./types";

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
 * is. What came of each is told as soon as it is committed. Nothing is decided before the first news is asked for.
 */
export async function decideTogether(command: DecideTogether): Promise<Result<AsyncGenerator<TogetherNews>, "secret-in-text" | "nothing-together">> {
  const scan = await findSecrets(command.reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const { rows } = await previewTogether(command);
  return rows.some(({ alone }) => alone === null) ? ok(decideEach(command, rows)) : refuse("nothing-together");
}

async function* decideEach(command: DecideTogether, rows: readonly TogetherRow[]): AsyncGenerator<TogetherNews> {
  const together = rows.filter(({ alone }) => alone === null);
  const left = rows.flatMap(({ alone, ...row }) => (alone === null ? [] : [{ ...row, code: alone }]));
  yield { of: together.length, left };
  for (const { requestId, number, what } of together) {
    yield { result: { requestId, number, what, ...(await decideOne(command, requestId, together.length)) } };
  }
}

async function decideOne({ actor, answer, reason, selected }: DecideTogether, requestId: string, batchSize: number): Promise<{ state: RequestState } | { code: string }> {
  const version = selected.find((one) => one.requestId === requestId)?.version ?? 0;
  const durationSeconds = await secondsOf(requestId);
  const decided = await decideRequest({ actor, requestId, answer, reason, version, durationSeconds, reading: { together: true, batchSize } });
  return decided.ok ? { state: decided.value.state } : { code: decided.code };
}

function secondsOf(requestId: string): Promise<number> {
  return inTransaction(async (tx) => (await tx.request.findUniqueOrThrow({ where: { id: requestId }, select: { grantedDurationSeconds: true } })).grantedDurationSeconds);
}
