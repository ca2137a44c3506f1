import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { holdersOf } from "@/lib/auth/permissions";
import type { Transaction } from "@/lib/db/transaction";
import { createGrant } from "@/lib/grants/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { notify } from "@/lib/notifications/telling";
import { newId } from "@/lib/platform/ids";
import { lockRequest } from "@/lib/requests/data";
import { parseStoredAnswer } from "./schema";
import { readHolders, subjectsOfGlass, type LockedBreakGlass } from "./data";
import { activateWithinSeconds, debtDueAt, debtSizeOf } from "./rules";
import type { Flag } from "./types";
import { sayFlags } from "./words";

type Opening = { readonly actor: Actor; readonly now: Date; /** What happened since it was asked for. */ readonly flags?: readonly Flag[]; readonly openDebts: number };

/**
 * Opens the glass in the caller's transaction: a ready grant for whoever broke it, the debt, and word to everybody who was
 * passed over. An escalated request that somebody decided in the meantime needs no emergency any more.
 */
export async function openGlass(tx: Transaction, glass: LockedBreakGlass, opening: Opening): Promise<"open" | "superseded"> {
  const { actor, now } = opening;
  const flags = [...glass.flags, ...(opening.flags ?? [])];
  if (glass.escalated && !(await takeRequest(tx, glass, now))) return supersede(tx, glass, opening);
  if (!glass.escalated) await makeRequest(tx, glass, now);
  const size = debtSizeOf({ flags, openDebts: opening.openDebts });
  await tx.breakGlass.update({ where: { id: glass.id }, data: { state: "open", openedAt: now, flags, debtSize: size } });
  const { requestId, identityId, entitlementId, durationSeconds, demo } = glass;
  const activateBefore = new Date(now.getTime() + activateWithinSeconds * 1_000);
  const grant = { requestId, identityId, entitlementId, systemId: glass.entitlement.systemId, durationSeconds, maxUses: null, idleSeconds: null, activateBefore, demo };
  const grantId = await createGrant(tx, grant, { actor, now });
  await appendEvent(tx, {
    type: "break-glass.opened",
    at: now,
    actor,
    subjects: { ...subjectsOfGlass(glass), grant: grantId },
    data: { breakGlassId: glass.id, grantId, basis: glass.basis, flags, durationSeconds, skipped: glass.skipped },
    demo,
  });
  await owe(tx, { ...glass, flags }, size, { actor, now });
  await tell(tx, { ...glass, flags }, now);
  return "open";
}

async function supersede(tx: Transaction, glass: LockedBreakGlass, { actor, now }: Opening): Promise<"superseded"> {
  await tx.breakGlass.update({ where: { id: glass.id }, data: { state: "superseded", closedAt: now } });
  await appendEvent(tx, { type: "break-glass.superseded", at: now, actor, subjects: subjectsOfGlass(glass), data: { breakGlassId: glass.id }, demo: glass.demo });
  return "superseded";
}

/** A waiting request becomes what the broken glass gave: its votes and events stay, nobody is asked any more. */
async function takeRequest(tx: Transaction, glass: LockedBreakGlass, now: Date): Promise<boolean> {
  const request = await lockRequest(tx, glass.requestId);
  if (request?.state !== "pending") return false;
  await tx.stage.updateMany({ where: { requestId: request.id, state: { in: ["open", "waiting"] } }, data: { state: "void" } });
  await tx.request.update({
    where: { id: request.id },
    data: {
      state: "approved", decidedAt: now, breakGlassId: glass.id, grantedDurationSeconds: glass.durationSeconds, version: { increment: 1 },
      activateBefore: new Date(now.getTime() + activateWithinSeconds * 1_000),
    },
  });
  return true;
}

async function makeRequest(tx: Transaction, glass: LockedBreakGlass, now: Date): Promise<void> {
  const answer = parseStoredAnswer(glass.policy);
  await tx.request.create({
    data: {
      id: glass.requestId,
      breakGlassId: glass.id,
      requesterId: glass.personId,
      identityId: glass.identityId,
      purpose: "break-glass",
      intent: glass.reason,
      // Only a ticket that its system knows is followed while the session lives: an unknown one must not end an emergency.
      ticketKey: glass.incidentCheck === "verified" ? glass.incident : null,
      durationSeconds: glass.durationSeconds,
      grantedDurationSeconds: glass.durationSeconds,
      state: "approved",
      submittedAt: glass.askedAt,
      decideBefore: now,
      decidedAt: now,
      activateBefore: new Date(now.getTime() + activateWithinSeconds * 1_000),
      sourceAddress: glass.sourceAddress,
      demo: glass.demo,
      entitlements: { create: [{ entitlementId: glass.entitlementId }] },
      sides: { create: glass.people.filter(({ part }) => part === "side").map(({ personId, why }) => ({ personId, why, since: glass.askedAt })) },
    },
  });
  await tx.decision.create({ data: { id: newId(), requestId: glass.requestId, moment: "request", ...answer, decidedAt: glass.askedAt } });
}

/** The debt: what is owed from now on, with its day. */
async function owe(tx: Transaction, glass: LockedBreakGlass, size: number, { actor, now }: { readonly actor: Actor; readonly now: Date }): Promise<void> {
  const dueAt = debtDueAt(now, glass.debtSeconds, size);
  await tx.breakGlassDebt.create({ data: { id: newId(), breakGlassId: glass.id, size, openedAt: now, dueAt } });
  await appendEvent(tx, {
    type: "break-glass.debt-opened",
    at: now,
    actor,
    subjects: subjectsOfGlass(glass),
    data: { breakGlassId: glass.id, size, dueAt: dueAt.toISOString() },
    demo: glass.demo,
  });
}

/** Tells everybody who was passed over, by name and why, and those who keep watch. Quiet hours or not. */
async function tell(tx: Transaction, glass: LockedBreakGlass, now: Date): Promise<void> {
  const words = {
    who: glass.person.name,
    identity: glass.identity.name,
    entitlement: glass.entitlement.name,
    system: glass.entitlement.system.name,
    what: [`${glass.incident}: ${glass.reason ?? ""}`.trim(), ...sayFlags(glass.flags)].join(" · "),
  };
  const notice = { subjects: subjectsOfGlass(glass), link: `/break-glass/${glass.id}`, words, isUrgent: true, demo: glass.demo };
  await notify(tx, now, { ...notice, kind: "break-glass-skipped", people: glass.skipped, cause: `${glass.id}:skipped` });
  const watching = await readHolders(tx, holdersOf("break-glass:manage"), glass.skipped);
  const others = [...new Set([...watching, ...glass.side])].filter((id) => id !== glass.personId && !glass.skipped.includes(id));
  await notify(tx, now, { ...notice, kind: "break-glass-used", people: others, cause: `${glass.id}:used` });
}
