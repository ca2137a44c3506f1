import "server-only";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Actor } from "@/lib/auth/actor";
import { connectSystem, installationTag } from "@/lib/connectors/connect";
import type { GrantReceipt } from "@/lib/connectors/contract";
import { ConnectorError } from "@/lib/connectors/errors";
import { db } from "@/lib/db/client";
import type { Clock, Transaction } from "@/lib/db/transaction";
import { crashPoint } from "@/lib/platform/crash-point";
import { AppError } from "@/lib/platform/errors";
import { logger } from "@/lib/platform/logger";
import { ok, refuse, type Result } from "@/lib/platform/result";
import type { LockedGrant } from "./data";
import { beginIssue, confirmIssue, failIssue } from "./mutations";

/** Connections that one credential may open at a time. */
const maxConnections = 5;

type Activate = {
  readonly actor: Actor;
  readonly grantId: string;
  /** Made by the holder, once per attempt to activate; a repeated call carries the same one. */
  readonly idempotencyKey: string;
  /** SCRAM-SHA-256 verifier that the holder computed; the password itself never comes here. */
  readonly verifier: string;
  readonly objection: (tx: Transaction, grant: LockedGrant, now: Date) => Promise<string | null>;
  readonly clock?: Clock;
};

/** How to connect, for the holder, who alone has the password. */
export type Activated = { readonly state: "active"; readonly notAfter: Date; readonly connection: Readonly<Record<string, string>> };

/** Codes after which the target certainly holds nothing of this call: its transaction was refused. */
const certain: ReadonlySet<string> = new Set(["denied", "wrong-target", "deadline-passed", "conflict"]);

/**
 * Activates a grant: intent is committed, the target is asked, the answer is committed. Idempotent for the same
 * key and verifier. A crash or a lost answer in between is taken up by `recover-issue`, which ends and proves whatever came
 * to be. Faults of the target come back as refusals, since the request stays approved and can be activated again.
 */
export async function activateGrant(command: Activate): Promise<Result<Activated, string>> {
  const key = createHash("sha256").update(`${command.idempotencyKey}\n${command.verifier}`).digest("hex");
  const handleName = `curfew_${await installationTag()}_${command.grantId.replaceAll("-", "")}`;
  crashPoint("activate:before-intent");
  const { actor, grantId, objection } = command;
  const begun = await beginIssue({ actor, grantId, objection, key, handleName, ...(command.clock ? { clock: command.clock } : {}) });
  crashPoint("activate:after-intent");
  if (!begun.ok) return begun;
  switch (begun.value.step) {
    case "wait":
      return waitForFirst(command.grantId, key);
    case "answer-again":
      return answerAgain(begun.value.grant);
    case "issue":
      return issue(command, key, begun.value);
  }
}

async function issue(
  command: Activate,
  key: string,
  { grant, notAfter, deadline }: { grant: LockedGrant; notAfter: Date; deadline: Date },
): Promise<Result<Activated, string>> {
  let receipt: GrantReceipt;
  try {
    const session = await connectSystem(grant.systemId);
    const { target } = await db.entitlement.findUniqueOrThrow({ where: { id: grant.entitlementId }, select: { target: true } });
    const order = { grantId: grant.id, target, notAfter, verifier: command.verifier, maxConnections, deadline };
    receipt = await session.grant(order, AbortSignal.timeout(Math.max(1, deadline.getTime() - Date.now())));
  } catch (error) {
    return afterFailure(grant, key, error);
  }
  crashPoint("activate:after-backend");
  crashPoint("activate:before-confirm");
  const confirmed = await confirmIssue({ actor: command.actor, grantId: grant.id, key, receipt, ...(command.clock ? { clock: command.clock } : {}) });
  crashPoint("activate:after-confirm");
  return confirmed;
}

/** What is certain is settled now; the rest is for recovery, which looks when a stalled commit can no longer come. */
async function afterFailure(grant: LockedGrant, key: string, error: unknown): Promise<Result<Activated, string>> {
  const code = error instanceof ConnectorError ? error.code : "unexpected";
  logger.warn({ grantId: grant.id, code, err: error }, "issue failed");
  if (!certain.has(code)) return refuse("target-did-not-answer");
  try {
    const session = await connectSystem(grant.systemId);
    const answer = await session.inspect({ grantId: grant.id }, AbortSignal.timeout(5_000));
    if (answer.state === "absent") await failIssue({ grantId: grant.id, key, code });
  } catch (inspectError) {
    logger.warn({ grantId: grant.id, err: inspectError }, "inspect after a failed issue failed; recovery will look");
  }
  return refuse(`target-${code}`);
}

function answerAgain(grant: LockedGrant): Result<Activated, string> {
  if (grant.notAfter === null || grant.connection === null) throw new AppError("integrity", "active grant without bounds");
  return ok({ state: "active", notAfter: grant.notAfter, connection: parseConnection(grant.connection) });
}

function parseConnection(json: unknown): Record<string, string> {
  if (typeof json !== "object" || json === null) return {};
  return Object.fromEntries(Object.entries(json).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The second of two identical calls waits for the first one's outcome, so that both give the same answer. */
async function waitForFirst(grantId: string, key: string): Promise<Result<Activated, string>> {
  for (let waited = 0; waited < 12_000; waited += 200) {
    await sleep(200);
    const grant = await db.grant.findUnique({ where: { id: grantId }, select: { state: true, activationKey: true, notAfter: true, connection: true } });
    if (!grant || grant.activationKey !== key) return refuse("superseded");
    if (grant.state === "active" && grant.notAfter) return ok({ state: "active", notAfter: grant.notAfter, connection: parseConnection(grant.connection) });
    if (grant.state !== "issuing") return refuse("superseded");
  }
  return refuse("target-did-not-answer");
}
