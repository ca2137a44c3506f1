import "server-only";
import { connectSystem } from "@/lib/connectors/connect";
import { ConnectorError } from "@/lib/connectors/errors";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction } from "@/lib/db/transaction";
import { closeFindings, openFinding } from "@/lib/findings/mutations";
import { lockGrant } from "@/lib/grants/data";
import { markEnding } from "@/lib/grants/ending";
import { recordListing, type Listed } from "@/lib/grants/listing";
import { nextState } from "@/lib/grants/rules";
import type { GrantState } from "@/lib/grants/types";
import { connected, eachSystem } from "./watch";

const worker = { kind: "system", process: "worker" } as const;
const callTimeoutMs = 10_000;

/**
 * Compares the credentials that targets know of this installation with the grants that explain them. A credential of a grant
 * that is over is ended again, with a finding. One whose grant nobody knows is reported only: after a restored backup it may
 * be somebody's live work.
 */
export async function reconcileSystems(): Promise<void> {
  await eachSystem(await db.system.findMany({ where: connected, select: { id: true } }), reconcileSystem);
}

async function reconcileSystem(systemId: string): Promise<void> {
  const session = await connectSystem(systemId);
  const listedAt = await databaseClock.now(db);
  const listed = await session.list?.(AbortSignal.timeout(callTimeoutMs)).catch((error: unknown) => {
    if (error instanceof ConnectorError) return null;
    throw error;
  });
  if (!listed) return;
  await recordListing(systemId, listed, listedAt);
  await explainCredentials(systemId, listed, listedAt);
  const others = await session.others?.(AbortSignal.timeout(callTimeoutMs)).catch((error: unknown) => {
    if (error instanceof ConnectorError) return null;
    throw error;
  });
  if (others) await reportOthers(systemId, others, listedAt);
}

/**
 * Judges a list of credentials that was begun at `listedAt`. What ended since may still stand on it: the next list will tell.
 * What nothing explained and is there no longer, or is explained by now, is settled.
 */
export async function explainCredentials(systemId: string, listed: readonly Listed[], listedAt: Date): Promise<void> {
  const unsettled: string[] = [];
  for (const credential of listed) {
    const key = `unexplained-credential:${place(systemId, credential)}`;
    if (await isUnsettled(systemId, credential, listedAt)) unsettled.push(key);
  }
  await inTransaction((tx, now) => closeFindings(tx, { kind: "unexplained-credential", systemId, except: unsettled, openedBefore: listedAt, actor: worker, now }));
}

const place = (systemId: string, { handle }: Listed) => `${systemId}:${handle.name}:${handle.targetId ?? ""}`;

/** Whether nothing explains a credential, or this list cannot tell; a finding where nothing does. */
function isUnsettled(systemId: string, credential: Listed, listedAt: Date): Promise<boolean> {
  const { grantId, handle } = credential;
  return inTransaction(async (tx, now) => {
    const grant = await lockGrant(tx, grantId);
    if (grant?.closedAt && grant.closedAt >= listedAt) return true;
    const kind = grant ? kindOfUnexplained(grant.state) : "unexplained-credential";
    if (!kind) return false;
    await openFinding(tx, {
      kind,
      key: `${kind}:${place(systemId, credential)}`,
      title: grant ? `The credential ${handle.name} is there although its grant is ${grant.state}` : `No grant explains the credential ${handle.name}`,
      detail: { handle: handle.name, targetId: handle.targetId ?? null },
      subjects: { systemId, ...(grant ? { grantId, identityId: grant.identityId } : {}) },
      actor: worker,
      now,
    });
    if (grant && nextState(grant.state, "reappear")) {
      await markEnding(tx, grant, { via: "reappear", reason: "abnormal", actor: worker, now, handleTargetId: handle.targetId });
    }
    return kind === "unexplained-credential";
  });
}

/** Other installations that hold credentials on a target: reported once each, and no longer when the last of them is gone. */
async function reportOthers(systemId: string, others: readonly string[], listedAt: Date): Promise<void> {
  const keyOf = (installationId: string) => `foreign-handle:${systemId}:${installationId}`;
  await inTransaction(async (tx, now) => {
    for (const installationId of others) {
      const title = `Another installation of Curfew, ${installationId}, holds credentials there`;
      await openFinding(tx, { kind: "foreign-handle", key: keyOf(installationId), title, detail: { installationId }, subjects: { systemId }, actor: worker, now });
    }
    await closeFindings(tx, { kind: "foreign-handle", systemId, except: others.map(keyOf), openedBefore: listedAt, actor: worker, now });
  });
}

function kindOfUnexplained(state: GrantState): "unexplained-credential" | "credential-after-proof" | null {
  if (state === "proven") return "credential-after-proof";
  return state === "failed" || state === "lapsed" || state === "ready" ? "unexplained-credential" : null;
}
