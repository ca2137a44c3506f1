import "server-only";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { db } from "@/lib/db/client";
import { crashPoint } from "@/lib/platform/crash-point";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { unseal } from "@/lib/platform/seal";
import type { ConnectorSession } from "./contract";
import { ConnectorError } from "./errors";
import { openSystem } from "./registry";

type Open = { readonly fingerprint: string; readonly session: ConnectorSession<unknown> };

const kept = globalThis as { curfewConnections?: Map<string, Open>; curfewInstallationTag?: string };

/** 8 lower-case hex digits that every handle of this installation carries. */
export async function installationTag(): Promise<string> {
  if (kept.curfewInstallationTag === undefined) {
    // Not findUnique: Prisma batches simultaneous ones, and cannot on a boolean key.
    const row = await db.installation.findFirstOrThrow({ select: { tag: true } });
    kept.curfewInstallationTag = row.tag;
  }
  return kept.curfewInstallationTag;
}

/**
 * The open session to a system, one per process and system; made anew when its configuration changed.
 * Never call it inside a transaction: what follows is network.
 */
export async function connectSystem(systemId: string): Promise<ConnectorSession<unknown>> {
  const system = await db.system.findUnique({
    where: { id: systemId },
    select: { connector: true, config: true, sealedSecrets: true },
  });
  if (!system) throw new AppError("not-found", `system ${systemId}`);
  const { sealedSecrets } = system;
  if (sealedSecrets === null) throw new ConnectorError("unreachable", "known from files only: there is nothing to connect to", { transient: false });
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([system.connector, system.config]))
    .update(sealedSecrets)
    .digest("hex");
  const installationId = await installationTag();
  // Nothing is awaited from here on: two first calls at once must not open two sessions, of which one would never be closed.
  kept.curfewConnections ??= new Map();
  const open = kept.curfewConnections.get(systemId);
  if (open?.fingerprint === fingerprint) return open.session;
  const session = openSystem({
    kind: system.connector,
    config: system.config,
    secrets: unseal(sealedSecrets, env.secretKey, `system/${systemId}`),
    deps: {
      installationId,
      now: () => new Date(),
      sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
      reached: (point) => crashPoint(`backend:${point}`),
    },
  });
  kept.curfewConnections.set(systemId, { fingerprint, session });
  await open?.session[Symbol.asyncDispose]();
  return session;
}

/** Closes every open session, at the end of a process. */
export async function disconnectSystems(): Promise<void> {
  const open = [...(kept.curfewConnections?.values() ?? [])];
  kept.curfewConnections?.clear();
  await Promise.all(open.map(({ session }) => session[Symbol.asyncDispose]()));
}
