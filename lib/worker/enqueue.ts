import "server-only";
import type { Transaction } from "@/lib/db/transaction";

/** Jobs by name, with what they carry. The worker parses each payload again (`lib/worker/tasks`). */
export type Jobs = {
  "end-grants": { systemId: string };
  "recover-issue": { grantId: string };
  "check-system": { systemId: string };
  "discover-system": { systemId: string };
  "compare-import": { importId: string };
  "apply-import": { importId: string };
  "prepare-review": { reviewId: string };
  "carry-out-suspension": { suspensionId: string };
  "write-ticket-comment": { commentId: string };
  "run-export": { exportId: string };
  "reroute-requests": Rerouting;
};

type Rerouting = { readonly personIds?: readonly string[]; readonly teamIds?: readonly string[]; readonly entitlementIds?: readonly string[]; readonly after?: string };

type Options = {
  /** One waiting job per key; a newer one takes the older one's place. */
  readonly key?: string;
  readonly runAt?: Date;
  readonly maxAttempts?: number;
};

/** Puts a job into the queue in the caller's transaction: it exists exactly if the transaction commits. */
export async function enqueue<Name extends keyof Jobs>(
  tx: Transaction,
  name: Name,
  payload: Jobs[Name],
  options: Options = {},
): Promise<void> {
  await tx.$queryRaw`
    select 1 as queued from graphile_worker.add_job(
      identifier => ${name}::text, payload => ${JSON.stringify(payload)}::json,
      run_at => ${options.runAt ?? null}::timestamptz, max_attempts => ${options.maxAttempts ?? 25}::int,
      job_key => ${options.key ?? null}::text)`;
}

/** Who is who has changed: requests that wait are asked anew whom they ask. */
export async function enqueueReroute(tx: Transaction, about: Rerouting): Promise<void> {
  const ids = [...(about.personIds ?? []), ...(about.teamIds ?? []), ...(about.entitlementIds ?? [])];
  if (ids.length > 0) await enqueue(tx, "reroute-requests", about, { key: `reroute-requests:${[...ids].sort().join().slice(0, 400)}:${about.after ?? ""}` });
}

/** Wakes the ending of grants on one system. A later try has a key of its own: it never puts off what is due now. */
export function enqueueEnding(tx: Transaction, systemId: string, runAt?: Date): Promise<void> {
  const key = `${runAt ? "end-grants-later" : "end-grants"}:${systemId}`;
  return enqueue(tx, "end-grants", { systemId }, runAt ? { key, runAt } : { key });
}
