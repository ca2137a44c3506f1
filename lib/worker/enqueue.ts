import "server-only";
import type { Transaction } from "@/lib/db/transaction";

/** Jobs by name, with what they carry. The worker parses each payload again (`lib/worker/tasks`). */
export type Jobs = {
  "end-grants": { systemId: string };
  "recover-issue": { grantId: string };
  "check-system": { systemId: string };
  "discover-system": { systemId: string };
};

type Options = {
  /** One waiting job per key; a newer one takes the older one's place. */
  readonly key?: string;
  /** Jobs of one queue run one after another. */
  readonly queue?: string;
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
      identifier => ${name}::text, payload => ${JSON.stringify(payload)}::json, queue_name => ${options.queue ?? null}::text,
      run_at => ${options.runAt ?? null}::timestamptz, max_attempts => ${options.maxAttempts ?? 25}::int,
      job_key => ${options.key ?? null}::text)`;
}
