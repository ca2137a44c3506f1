import "server-only";
import { judgeUsesOutside } from "@/lib/chains/outside";
import { env } from "@/lib/platform/env";
import { logger } from "@/lib/platform/logger";
import { watchedSources } from "@/lib/uses/data";
import { readFolder } from "@/lib/uses/folder";
import { noteInterruptedLogs } from "@/lib/uses/intake";
import { matchWaiting } from "@/lib/uses/mutations";
import { inTurn } from "../turn";

/** Reads on in the files of all watched folders. One that cannot be read keeps no other from being read. */
export async function readWatchedFolders(): Promise<void> {
  const root = env.usesDir;
  if (root === null) return;
  for (const sourceId of await watchedSources()) {
    await inTurn(`read-folder:${sourceId}`, () => readFolder(sourceId, root)).catch((error: unknown) => {
      // An error of the database may quote what it was given.
      logger.error({ sourceId, code: error instanceof Error && "code" in error ? String(error.code) : "none" }, "reading a watched folder failed");
    });
  }
}

/** Finds the sessions of uses that came before their session was known. */
export async function lookAfterUses(): Promise<void> {
  await matchWaiting();
  await noteInterruptedLogs();
  await inTurn("judge-uses-outside", async () => void (await judgeUsesOutside("new")));
}

/** The same for credentials that have a finding already: all their uses are counted anew, which takes long where there are many. */
export async function judgeKnownUses(): Promise<void> {
  await inTurn("judge-uses-outside", async () => void (await judgeUsesOutside("all")));
}
