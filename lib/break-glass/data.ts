import "server-only";
import * as z from "zod";
import type { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import { parseGrantState } from "@/lib/grants/data";
import { AppError } from "@/lib/platform/errors";
import { logger } from "@/lib/platform/logger";
import { loadActivePolicySet } from "@/lib/policies/data";
import type { BreakerFacts, Policies } from "@/lib/policies/types";
import { sideOf } from "@/lib/requests/rules";
import { readActedFor, readSeats } from "@/lib/stages/data";
import type { SidePerson } from "@/lib/stages/types";
import { bases, breakGlassStates, flags, type Flag } from "./types";

type Reader = Transaction | typeof db;

const stateSchema = z.enum(breakGlassStates);
const basisSchema = z.enum(bases);

/** Flags as stored; one that is not known any more is left out. */
export function parseFlags(stored: readonly string[]): Flag[] {
  return flags.filter((flag) => stored.includes(flag));
}

/** Parses a state column; an unknown state is a fault, never a permission. */
export function parseBreakGlassState(state: string) {
  const parsed = stateSchema.safeParse(state);
  if (!parsed.success) throw new AppError("integrity", `unknown state of break-glass ${state}`);
  return parsed.data;
}

export type LockedBreakGlass = NonNullable<Awaited<ReturnType<typeof lockBreakGlass>>>;

/** Locks an emergency for the rest of the transaction and reads it with its people, its grants and its debt. */
export async function lockBreakGlass(tx: Transaction, id: string) {
  const locked = await tx.$queryRaw<{ id: string }[]>`select id from break_glass where id = ${id}::uuid for update`;
  const row = locked.length === 0 ? null : await tx.breakGlass.findUnique({
    where: { id },
    include: {
      people: { select: { personId: true, part: true, why: true } },
      debt: true,
      request: { select: { grants: { select: { state: true, useCount: true, statementCount: true } } } },
      person: { select: { name: true } },
      identity: { select: { name: true, ownerId: true, sponsorId: true, backupId: true, creatorId: true } },
      entitlement: { select: { name: true, systemId: true, system: { select: { name: true } } } },
    },
  });
  if (!row) return null;
  const partOf = (part: string) => [...new Set(row.people.filter((one) => one.part === part).map(({ personId }) => personId))];
  return {
    ...row,
    state: parseBreakGlassState(row.state),
    basis: basisSchema.parse(row.basis),
    flags: parseFlags(row.flags),
    side: partOf("side"),
    asked: partOf("second"),
    skipped: partOf("skipped"),
    grants: (row.request?.grants ?? []).map(({ state, ...uses }) => ({ ...uses, state: parseGrantState(state) })),
  };
}

/** What one event or notice calls an emergency's things. */
export function subjectsOfGlass(glass: { readonly requestId: string; readonly identityId: string; readonly entitlementId: string }) {
  return { request: glass.requestId, identity: glass.identityId, entitlement: glass.entitlementId };
}

/** What policy is told of whoever would break the glass: duties at this moment, by id of the team. */
export async function readBreaker(tx: Reader, personId: string, teams: { readonly identity: string | null; readonly resource: string | null }, now: Date): Promise<BreakerFacts> {
  const rows = await tx.$queryRaw<{ team_id: string }[]>`
    select o.team_id from on_call o join team_members m on m.team_id = o.team_id and m.person_id = o.person_id
    join people p on p.id = o.person_id and p.left_at is null
    where o.person_id = ${personId}::uuid and o.from_at <= ${now}::timestamptz and o.until_at > ${now}::timestamptz`;
  const isFor = (team: string | null) => team !== null && rows.some(({ team_id }) => team_id === team);
  return { onCall: rows.length > 0, onCallForIdentity: isFor(teams.identity), onCallForResource: isFor(teams.resource) };
}

type Sided = { readonly ownerId: string | null; readonly sponsorId: string | null; readonly backupId: string | null; readonly creatorId: string | null };

/** The asking side of an emergency: whoever breaks the glass, the identity's people, and who acts for one of them. */
export async function readSide(tx: Reader, breakerId: string, identity: Sided, span: { readonly from: Date; readonly until: Date }): Promise<SidePerson[]> {
  const named = sideOf({ requesterId: breakerId, triggeredById: null, madeForId: null, identities: [identity] });
  const acting = await readActedFor(tx, named.map(({ personId }) => personId), span);
  return [...named, ...acting.map((personId) => ({ personId, why: "delegate" as const }))];
}

/** Whoever owns the resource, and may decide: asked where policy cannot say whom a request would have asked. */
export async function readResourceOwners(tx: Reader, owned: { readonly resourceOwnerId: string | null; readonly resourceTeamId: string | null }, about: { readonly side: readonly string[]; readonly now: Date }): Promise<string[]> {
  const people = owned.resourceOwnerId === null ? [] : [owned.resourceOwnerId];
  const teams = owned.resourceTeamId === null ? [] : [owned.resourceTeamId];
  const seats = await readSeats(tx, { people, teams, onCall: [], roles: [] }, about);
  return [...new Set(seats.map(({ personId }) => personId))];
}

/** Whoever is asked to decide a waiting request now. */
export async function readAskedOf(tx: Reader, requestId: string): Promise<string[]> {
  const rows = await tx.stageMember.findMany({
    where: { removedAt: null, stage: { requestId, state: { in: ["open", "waiting"] } } },
    select: { personId: true },
    distinct: ["personId"],
  });
  return rows.map(({ personId }) => personId);
}

/** Open debts of the same side: of this identity, or of an emergency with anybody of this asking side on its own. */
export async function countOpenDebts(tx: Reader, about: { readonly identityId: string; readonly side: readonly string[] }): Promise<number> {
  const rows = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from break_glass_debts d join break_glass b on b.id = d.break_glass_id
    where d.closed_at is null and (b.identity_id = ${about.identityId}::uuid or exists (
      select from break_glass_people s where s.break_glass_id = b.id and s.part = 'side' and s.person_id = any(${[...about.side]}::uuid[])))`;
  return rows[0]?.count ?? 0;
}

/** The entry of the list that lets this person break this glass now; null where there is none. */
export async function findEntry(tx: Reader, about: { readonly personId: string; readonly entitlementId: string; readonly now: Date }): Promise<string | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select l.id from break_glass_list l
    where l.entitlement_id = ${about.entitlementId}::uuid and l.ended_at is null
      and l.since <= ${about.now}::timestamptz and l.until > ${about.now}::timestamptz
      and (l.person_id = ${about.personId}::uuid or exists (
        select from on_call o join team_members m on m.team_id = o.team_id and m.person_id = o.person_id
        where o.team_id = l.team_id and o.person_id = ${about.personId}::uuid
          and o.from_at <= ${about.now}::timestamptz and o.until_at > ${about.now}::timestamptz))
    order by l.until desc limit 1`;
  return rows[0]?.id ?? null;
}

/** The policies in force. A stored set that lost its integrity is a fault like any other: asked of no policy, every question is one. */
export async function readPoliciesInForce(tx: Reader): Promise<Policies> {
  try {
    return (await loadActivePolicySet(tx)).policies;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    logger.error({ err: error }, "policy could not be read");
    return {};
  }
}

/** People with one of these roles who have not left, without those of a side. */
export async function readHolders(tx: Reader, roles: readonly string[], without: readonly string[] = []): Promise<string[]> {
  const rows = await tx.personRole.findMany({
    where: { role: { in: [...roles] }, personId: { notIn: [...without] }, person: { leftAt: null } },
    select: { personId: true },
    distinct: ["personId"],
    take: 500,
  });
  return rows.map(({ personId }) => personId);
}

/** Whether a person is present and holds one of these roles, read anew in the transaction that counts on it. */
export async function stillHolds(tx: Reader, personId: string, roles: readonly string[]): Promise<boolean> {
  return (await tx.personRole.count({ where: { personId, role: { in: [...roles] }, person: { leftAt: null } } })) > 0;
}
