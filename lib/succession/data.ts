import "server-only";
import { holdersOf } from "@/lib/auth/permissions";
import type { Transaction } from "@/lib/db/transaction";
import { db } from "@/lib/db/client";
import { AppError } from "@/lib/platform/errors";
import { handOverStates, places, steps, type Candidate, type HandOverView, type OfferView, type Place, type Step } from "./types";

const most = 100;
/** A team has few leads. */
const mostLeads = 20;

function oneOf<Word extends string>(words: readonly Word[], text: string): Word {
  const known = words.find((word) => word === text);
  if (!known) throw new AppError("integrity", `unknown word in a hand-over: ${text}`);
  return known;
}

export const parsePlace = (text: string): Place => oneOf(places, text);
const parseStep = (text: string): Step => oneOf(steps, text);

export type LockedHandOver = NonNullable<Awaited<ReturnType<typeof lockHandOver>>>;

/** Locks the identity and then the hand-over for the rest of the transaction, and reads both as the rules see them. */
export async function lockHandOver(tx: Transaction, id: string) {
  const found = await tx.handOver.findUnique({ where: { id }, select: { identityId: true } });
  if (!found) return null;
  await tx.$queryRaw`select id from identities where id = ${found.identityId}::uuid for no key update`;
  await tx.$queryRaw`select id from hand_overs where id = ${id}::uuid for update`;
  const row = await tx.handOver.findUnique({
    where: { id },
    include: {
      leaver: { select: { leftAt: true } },
      offers: { select: { personId: true, answer: true, step: true, person: { select: { leftAt: true } } } },
      identity: {
        select: { id: true, state: true, ownerId: true, sponsorId: true, backupId: true, teamId: true, vanishedAt: true, demo: true },
      },
    },
  });
  if (!row) return null;
  const place = parsePlace(row.place);
  const { identity } = row;
  return {
    ...row,
    place,
    state: oneOf(handOverStates, row.state),
    step: row.step === null ? null : parseStep(row.step),
    holderId: { owner: identity.ownerId, sponsor: identity.sponsorId, backup: identity.backupId }[place],
    leaverIsBack: row.leaver.leftAt === null,
    isIdentityGone: identity.vanishedAt !== null || identity.state === "offboarded",
    open: row.offers.filter(({ answer, person }) => answer === null && person.leftAt === null).length,
  };
}

type Asked = { readonly ownerId: string | null; readonly sponsorId: string | null; readonly backupId: string | null; readonly teamId: string | null };

/** Everybody who could take a place: here, with a role, and not away until after `until`. */
export async function readCandidates(tx: Transaction, identity: Asked, until: Date): Promise<Candidate[]> {
  const leads = identity.teamId
    ? await tx.teamMember.findMany({ where: { teamId: identity.teamId, lead: true }, select: { personId: true }, take: mostLeads })
    : [];
  const asked: Candidate[] = [
    ...(identity.backupId ? [{ step: "backup" as const, personId: identity.backupId }] : []),
    ...(identity.sponsorId ? [{ step: "sponsor" as const, personId: identity.sponsorId }] : []),
    ...leads.map(({ personId }) => ({ step: "team-lead" as const, personId })),
  ];
  const here = await tx.person.findMany({
    where: {
      id: { in: asked.map(({ personId }) => personId) },
      leftAt: null,
      roles: { some: { role: { in: [...holdersOf("hand-over:answer")] } } },
      absences: { none: { fromAt: { lte: new Date() }, untilAt: { gt: until } } },
    },
    select: { id: true },
  });
  return asked.filter(({ personId }) => here.some(({ id }) => id === personId));
}

/** Places that are offered to a person and wait for an answer, the most urgent first. */
export async function readOffersFor(personId: string, now: Date): Promise<OfferView[]> {
  const rows = await db.handOverOffer.findMany({
    where: { personId, answer: null, handOver: { state: "offered", deadline: { gt: now } } },
    select: {
      step: true,
      handOver: {
        select: {
          id: true, place: true, deadline: true, step: true,
          leaver: { select: { name: true } },
          identity: { select: { id: true, name: true, kind: true, environment: true } },
          offers: { where: { answer: null, personId: { not: personId } }, select: { person: { select: { name: true } } } },
        },
      },
    },
    orderBy: { handOver: { deadline: "asc" } },
    take: most,
  });
  return rows.map(({ step, handOver }) => ({
    handOverId: handOver.id,
    place: parsePlace(handOver.place),
    step: parseStep(step),
    identity: handOver.identity,
    leaver: handOver.leaver.name,
    deadline: handOver.deadline?.toISOString() ?? now.toISOString(),
    others: handOver.offers.map(({ person }) => person.name),
  }));
}

/** How many places are offered to a person. Up to 100. */
export function countOffersFor(personId: string, now: Date): Promise<number> {
  return db.handOverOffer.count({ where: { personId, answer: null, handOver: { state: "offered", deadline: { gt: now } } }, take: most });
}

/** Hand-overs that run or have failed and still leave a place empty, those that failed first. */
export async function readHandOvers(): Promise<HandOverView[]> {
  const rows = await db.handOver.findMany({
    where: { OR: [{ state: "offered" }, { state: "failed", identity: { state: "orphaned" } }] },
    select: {
      id: true, place: true, state: true, startedAt: true, deadline: true, endedAt: true,
      leaver: { select: { name: true } },
      identity: { select: { id: true, name: true, kind: true } },
      offers: { where: { answer: null }, select: { step: true, person: { select: { name: true } } } },
    },
    orderBy: [{ state: "asc" }, { deadline: "asc" }, { id: "asc" }],
    take: most,
  });
  return rows.map(({ offers, ...row }) => ({
    ...row,
    place: parsePlace(row.place),
    state: oneOf(handOverStates, row.state),
    leaver: row.leaver.name,
    startedAt: row.startedAt.toISOString(),
    deadline: row.deadline?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    asked: offers.map(({ step, person }) => ({ name: person.name, step: parseStep(step) })),
  }));
}
