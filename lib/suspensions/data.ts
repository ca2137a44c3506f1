import "server-only";
import { connectorOf, isFromFiles } from "@/lib/connectors/registry";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { databaseClock, type Transaction } from "@/lib/db/transaction";
import { identityStates } from "@/lib/identities/types";
import { AppError } from "@/lib/platform/errors";
import { whyNotSuspend } from "./rules";
import { factsOfProof, suspensionNeedsSchema } from "./schema";
import {
  openConnectionChoices, suspensionKinds, suspensionStates,
  type SuspendFacts, type SuspensionState, type SuspensionView, type UndoReason,
} from "./types";

const mostShown = 20;

/** Reads one of a closed list of words; anything else is a fault, never a permission. */
function oneOf<Word extends string>(words: readonly Word[], text: string, what: string): Word {
  const known = words.find((word) => word === text);
  if (known === undefined) throw new AppError("integrity", `unknown ${what} ${text}`);
  return known;
}

const credentialSelect = {
  id: true, handle: true, targetId: true, systemId: true, facts: true, system: { select: { name: true, connector: true } },
} as const satisfies Prisma.CredentialSelect;

/** The credentials of an identity that are on their targets now. */
export function readLiveCredentials(tx: Transaction, identityId: string) {
  return tx.credential.findMany({ where: { identityId, vanishedAt: null }, select: credentialSelect, orderBy: [{ handle: "asc" }, { id: "asc" }] });
}

/** What the rule asks about an identity; null when there is none. */
export async function readSuspendFacts(tx: Transaction, identityId: string, forRemoval: boolean): Promise<SuspendFacts | null> {
  const identity = await tx.identity.findUnique({
    where: { id: identityId },
    select: { state: true, environment: true, vanishedAt: true, suspensions: { where: { closedAt: null }, select: { id: true }, take: 1 } },
  });
  if (!identity) return null;
  const credentials = await readLiveCredentials(tx, identityId);
  return {
    state: oneOf(identityStates, identity.state, "identity state"),
    environment: identity.environment,
    vanished: identity.vanishedAt !== null,
    hasOpen: identity.suspensions.length > 0,
    credentials: credentials.map(({ handle, facts, system }) => {
      const { capabilities } = connectorOf(system.connector);
      const told = suspensionNeedsSchema.safeParse(facts);
      return {
        handle,
        system: system.name,
        fromFiles: isFromFiles(system.connector),
        connectorCan: forRemoval ? capabilities.remove : capabilities.suspend,
        // Not discovered since connectors tell it: the target will say so itself.
        needs: told.success && told.data.suspendable && !told.data.suspendable.possible ? (told.data.suspendable.needs ?? "an administrator of the target") : null,
      };
    }),
  };
}

const viewInclude = {
  orderedBy: { select: { name: true } },
  undoOrderedBy: { select: { name: true } },
  credentials: {
    include: { system: { select: { name: true, connector: true, serverLog: { select: { unreadable: true, readAt: true } } } } },
    orderBy: { handle: "asc" },
  },
} as const satisfies Prisma.SuspensionInclude;

type Row = Prisma.SuspensionGetPayload<{ include: typeof viewInclude }>;

const iso = (at: Date | null) => at?.toISOString() ?? null;

/** The suspensions of an identity, the newest first. */
export async function readSuspensionsOf(identityId: string): Promise<SuspensionView[]> {
  const rows = await db.suspension.findMany({ where: { identityId }, include: viewInclude, orderBy: [{ orderedAt: "desc" }, { id: "desc" }], take: mostShown });
  return rows.map(viewOf);
}

/** One suspension as the screen shows it; null when there is none. */
export async function readSuspension(id: string): Promise<SuspensionView | null> {
  const row = await db.suspension.findUnique({ where: { id }, include: viewInclude });
  return row ? viewOf(row) : null;
}

function viewOf(row: Row): SuspensionView {
  return {
    id: row.id,
    identityId: row.identityId,
    kind: oneOf(suspensionKinds, row.kind, "kind of suspension"),
    state: parseSuspensionState(row.state),
    reason: row.reason,
    reviewItemId: row.reviewItemId,
    openConnections: oneOf(openConnectionChoices, row.openConnections, "choice of connections"),
    undoAt: iso(row.undoAt),
    undoAtFirstRefusal: row.undoAtFirstRefusal,
    orderedAt: row.orderedAt.toISOString(),
    orderedBy: row.orderedBy?.name ?? null,
    acceptedAt: iso(row.acceptedAt),
    provenAt: iso(row.provenAt),
    undoWhy: row.undoWhy === null ? null : oneOf<UndoReason>(["person", "time", "refused-login"], row.undoWhy, "reason of an undo"),
    undoOrderedAt: iso(row.undoOrderedAt),
    undoOrderedBy: row.undoOrderedBy?.name ?? null,
    undoAcceptedAt: iso(row.undoAcceptedAt),
    undoneAt: iso(row.undoneAt),
    closedAt: iso(row.closedAt),
    refusedLoginAt: iso(row.refusedLoginAt),
    attempts: row.attempts,
    nextAttemptAt: iso(row.nextAttemptAt),
    lastFailure: row.lastFailure,
    lastFailureText: row.lastFailureText,
    stuckSince: iso(row.stuckSince),
    blindOn: blindSystems(row),
    credentials: row.credentials.map((each) => ({
      id: each.id,
      handle: each.handle,
      system: each.system.name,
      acceptedAt: iso(each.acceptedAt),
      changed: each.changed,
      gone: each.gone,
      connectionsCut: each.connectionsCut,
      connectionsLeft: each.connectionsLeft,
      provenAt: iso(each.provenAt),
      backAt: iso(each.backAt),
      proofFacts: factsOfProof(each.proof),
      undoneAt: iso(each.undoneAt),
      undoFacts: factsOfProof(each.undoProof),
      leftAsIs: each.leftAsIs,
    })),
  };
}

/** The suspension that the decision about a review's item, or missing it, began; null where it began none. */
export async function readSuspensionOfItem({ identityId, reviewItemId }: { readonly identityId: string; readonly reviewItemId: string }): Promise<SuspensionView | null> {
  const row = await db.suspension.findFirst({ where: { identityId, reviewItemId }, include: viewInclude, orderBy: [{ orderedAt: "desc" }, { id: "desc" }] });
  return row ? viewOf(row) : null;
}

/** What the panel of an identity is drawn from; null when there is no such identity. */
export async function readPanel(identityId: string) {
  const identity = await db.identity.findUnique({
    where: { id: identityId },
    select: { id: true, name: true, environment: true, ownerId: true, sponsorId: true, backupId: true },
  });
  if (!identity) return null;
  const [suspensions, toSuspend, toRemove, logs] = await Promise.all([
    readSuspensionsOf(identityId),
    readSuspendFacts(db, identityId, false),
    readSuspendFacts(db, identityId, true),
    db.system.findMany({ where: { credentials: { some: { identityId, vanishedAt: null } } }, select: logSelect, orderBy: { name: "asc" } }),
  ]);
  const soon = new Date();
  const ask = { byItself: false, undoAt: null, now: soon };
  return {
    identity: { id: identity.id, name: identity.name, environment: identity.environment },
    ownerSide: [identity.ownerId, identity.sponsorId, identity.backupId],
    suspensions,
    whyNotSuspend: whyNotSuspend(toSuspend, { ...ask, kind: "suspension" }),
    whyNotRemove: whyNotSuspend(toRemove, { ...ask, kind: "offboarding" }),
    blindOn: logs.flatMap((system) => blindness(system)),
  };
}

const logSelect = { name: true, serverLog: { select: { unreadable: true, readAt: true } } } as const satisfies Prisma.SystemSelect;

function blindness(system: Prisma.SystemGetPayload<{ select: typeof logSelect }>): { system: string; why: string }[] {
  if (system.serverLog?.readAt && system.serverLog.unreadable === null) return [];
  return [{ system: system.name, why: system.serverLog?.unreadable ?? "its log was not read yet" }];
}

/** Where nobody sees refused sign-ins, with why; a log that was never read cannot be seen either. */
function blindSystems({ credentials }: Row): { system: string; why: string }[] {
  const found = new Map(credentials.map(({ system }) => [system.name, blindness(system)]));
  return [...found.values()].flat();
}

/** Parses a state column; an unknown state is a fault. */
export function parseSuspensionState(state: string): SuspensionState {
  return oneOf(suspensionStates, state, "state of a suspension");
}

/** A suspension under its row lock, with its credentials. */
export type LockedSuspension = Awaited<ReturnType<typeof readLocked>> & object;

async function readLocked(tx: Transaction, id: string) {
  const row = await tx.suspension.findUnique({ where: { id }, include: { credentials: { orderBy: { id: "asc" } }, identity: { select: { state: true, demo: true } } } });
  if (!row) return null;
  return { ...row, kind: oneOf(suspensionKinds, row.kind, "kind of suspension"), state: parseSuspensionState(row.state), openConnections: oneOf(openConnectionChoices, row.openConnections, "choice of connections") };
}

/** Locks a suspension for the rest of the transaction; null when there is none. */
export async function lockSuspension(tx: Transaction, id: string): Promise<LockedSuspension | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`select id from suspensions where id = ${id}::uuid for update`;
  return rows.length === 0 ? null : readLocked(tx, id);
}

/** A suspension with what the connector needs, without a lock. */
export function readForWork(id: string): Promise<LockedSuspension | null> {
  return readLocked(db, id);
}

/** Suspensions that are not where they should be: to be worked on now. */
export async function readUnfinishedSuspensions(most: number): Promise<string[]> {
  const now = await databaseClock.now(db);
  const rows = await db.suspension.findMany({
    where: {
      closedAt: null,
      demo: false,
      OR: [{ state: { in: ["ordered", "accepted", "undoing", "undo-accepted"] } }, { state: "stuck" }],
      AND: { OR: [{ nextAttemptAt: null }, { nextAttemptAt: { lte: now } }] },
    },
    select: { id: true },
    orderBy: { orderedAt: "asc" },
    take: most,
  });
  return rows.map(({ id }) => id);
}

/** Suspensions whose time is over by the database's clock and whose undo nobody ordered yet. */
export async function readDueUndos(most: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    select id from suspensions where closed_at is null and undo_ordered_at is null and not demo and undo_at <= clock_timestamp()
    order by undo_at limit ${most}::int`;
  return rows.map(({ id }) => id);
}

/** Who stands on an identity's own side; null when there is no such identity. */
export async function readOwnerSide(tx: Transaction, identityId: string): Promise<{ ownerSide: (string | null)[] } | null> {
  const row = await tx.identity.findUnique({ where: { id: identityId }, select: { ownerId: true, sponsorId: true, backupId: true } });
  return row ? { ownerSide: [row.ownerId, row.sponsorId, row.backupId] } : null;
}
