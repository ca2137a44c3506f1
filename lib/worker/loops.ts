import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { logger } from "@/lib/platform/logger";

/** Something that a worker does again and again. */
export type Loop = {
  readonly name: string;
  /** Pause between the end of one run and the start of the next, in milliseconds. */
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
};

/** Runs a loop until aborted. A failing run is logged and tried again at its next turn; it never stops the others. */
export async function runLoop({ name, everyMs, run }: Loop, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await run();
      failures = 0;
    } catch (error) {
      failures += 1;
      // The first of a row of failures says everything.
      if (failures === 1 || failures % 60 === 0) logger.error({ loop: name, failures, err: error }, "loop failed");
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
