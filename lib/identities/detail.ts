import "server-only";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { parseSensitivity } from "@/lib/entitlements/data";
import { AppError } from "@/lib/platform/errors";
import { parseIdentityKind, parseIdentityState } from "./data";
import { latestEnd } from "@/lib/exceptions/rules";
import { explainScores } from "./scores";
import { readScoreFacts } from "./scoring";
import type { AnswererView } from "./types";
import type { HoldingUse, HoldingView, PartPage, ScoresView, SourceView } from "./views/detail-types";

const most = 100;
const mostTeams = 500;

const answerer = { select: { id: true, name: true, leftAt: true } } as const;

function answererOf(person: { id: string; name: string; leftAt: Date | null } | null): AnswererView | null {
  return person ? { id: person.id, name: person.name, hasLeft: person.leftAt !== null } : null;
}

/** One identity and who answers for it; null when there is none. */
export async function readIdentity(id: string) {
  const row = await db.identity.findUnique({
    where: { id },
    select: {
      id: true, name: true, kind: true, description: true, environment: true, state: true, source: true,
      firstSeenAt: true, lastSeenAt: true, lastActiveAt: true, visibleSince: true, vanishedAt: true, workloadIssuer: true,
      vendor: true, tags: true, isShared: true, wokeAt: true, silenceDays: true,
      handOvers: { where: { state: { in: ["offered", "failed"] } }, select: { id: true, place: true, state: true, deadline: true, startedAt: true, leaver: { select: { name: true } } }, orderBy: [{ startedAt: "asc" }, { id: "asc" }], take: 3 },
      system: { select: { id: true, name: true } },
      team: { select: { id: true, name: true } },
      owner: answerer, sponsor: answerer, backup: answerer, creator: answerer,
    },
  });
  if (!row) return null;
  const { workloadIssuer, ...rest } = row;
  return {
    ...rest,
    kind: parseIdentityKind(row.kind),
    state: parseIdentityState(row.state),
    wokeAt: row.wokeAt?.toISOString() ?? null,
    handOvers: row.handOvers.map(({ leaver, deadline, startedAt, ...handOver }) => ({ ...handOver, leaver: leaver.name, startedAt: startedAt.toISOString(), deadline: deadline?.toISOString() ?? null })),
    owner: answererOf(row.owner),
    sponsor: answererOf(row.sponsor),
    backup: answererOf(row.backup),
    creator: answererOf(row.creator),
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    lastActiveAt: row.lastActiveAt?.toISOString() ?? null,
    visibleSince: row.visibleSince?.toISOString() ?? null,
    vanishedAt: row.vanishedAt?.toISOString() ?? null,
    actsAsWorkload: workloadIssuer !== null,
  };
}

const holdingsPerPage = 50;

/** What it holds now: standing first, the most sensitive first; the page behind `after`. */
export async function readHoldings(identityId: string, after: string | null): Promise<PartPage<HoldingView>> {
  const found = await db.$queryRaw<{ id: string }[]>`
    with held as (
      select a.id, (a.kind = 'granted')::int * 10 + array_position(array['critical', 'high', 'medium', 'low'], e.sensitivity) as rank
      from assignments a join entitlements e on e.id = a.entitlement_id where a.identity_id = ${identityId}::uuid and a.ended_at is null
    )
    select id from held where ${after}::uuid is null or (rank, id) > (select rank, id from held where id = ${after}::uuid)
    order by rank, id limit ${holdingsPerPage + 1}::int`;
  const ids = found.slice(0, holdingsPerPage).map(({ id }) => id);
  const rows = await db.assignment.findMany({ where: { id: { in: ids } }, select: holdingSelect });
  const now = new Date();
  const curfews = await readOwnSystems(identityId);
  return {
    rows: ids.flatMap((id) => rows.filter((row) => row.id === id).map((row) => ({ ...holdingOf(row, now), isCurfews: curfews.has(row.entitlement.system.id) }))),
    next: found.length > holdingsPerPage ? (ids.at(-1) ?? null) : null,
    isFirst: after === null,
  };
}

/** Systems on which all that an identity has is Curfew's own account. */
async function readOwnSystems(identityId: string): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    select system_id::text as id from credentials where identity_id = ${identityId}::uuid and vanished_at is null
    group by system_id having bool_and(ours is not null)`;
  return new Set(rows.map(({ id }) => id));
}

const holdingSelect = {
  id: true, kind: true, path: true, firstSeenAt: true, lastUsedAt: true, visibleSince: true,
  grant: { select: { requestId: true, lastUseAt: true, activatedAt: true } },
  entitlement: { select: { id: true, name: true, description: true, sensitivity: true, system: { select: { id: true, name: true } } } },
  exceptions: {
    where: { endedAt: null },
    select: { id: true, reason: true, controls: true, madeAt: true, endsAt: true, madeBy: { select: { name: true } }, owner: answerer },
    take: 1,
  },
} as const satisfies Prisma.AssignmentSelect;

/** Of a granted one the session says when it was used; of a standing one the assignment does. */
function holdingOf({ entitlement, grant, exceptions, ...row }: Prisma.AssignmentGetPayload<{ select: typeof holdingSelect }>, now: Date): Omit<HoldingView, "isCurfews"> {
  const lastUsedAt = grant ? grant.lastUseAt : row.lastUsedAt;
  const visibleSince = grant ? grant.activatedAt : row.visibleSince;
  const sensitivity = parseSensitivity(entitlement.sensitivity);
  const [exception] = exceptions;
  return {
    id: row.id,
    kind: row.kind === "granted" ? "granted" : "standing",
    entitlement: { id: entitlement.id, name: entitlement.name },
    description: entitlement.description,
    sensitivity,
    system: entitlement.system,
    path: row.path,
    firstSeenAt: row.firstSeenAt.toISOString(),
    requestId: grant?.requestId ?? null,
    use: useOf(lastUsedAt, visibleSince),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    visibleSince: visibleSince?.toISOString() ?? null,
    exception: exception
      ? {
          id: exception.id,
          owner: { id: exception.owner.id, name: exception.owner.name, hasLeft: exception.owner.leftAt !== null },
          reason: exception.reason,
          controls: exception.controls,
          madeBy: exception.madeBy?.name ?? null,
          madeAt: exception.madeAt.toISOString(),
          endsAt: exception.endsAt.toISOString(),
        }
      : null,
    latestEnd: new Date(latestEnd(sensitivity, now).getTime() - 1).toISOString().slice(0, 10),
  };
}

/** What can honestly be said about the use of something that is held. */
export function useOf(lastUsedAt: Date | null, visibleSince: Date | null): HoldingUse {
  if (lastUsedAt !== null) return "used";
  return visibleSince === null ? "unseen" : "unused";
}

/** Networks and workloads that were seen behind it, the last ones first. */
export async function readSources(identityId: string): Promise<SourceView[]> {
  const rows = await db.useSource.findMany({ where: { identityId }, orderBy: [{ lastSeenAt: "desc" }, { value: "asc" }], take: most });
  return rows.map(({ kind, value, firstSeenAt, lastSeenAt }) => ({ kind, value, firstSeenAt: firstSeenAt.toISOString(), lastSeenAt: lastSeenAt.toISOString() }));
}

/** Both scores of one identity as they are this moment, with their arithmetic. */
export async function readScores(identityId: string): Promise<ScoresView> {
  const facts = (await readScoreFacts(db, [identityId])).get(identityId);
  if (!facts) throw new AppError("integrity", `identity ${identityId} was there a moment ago`);
  const { staleness, exposure, season } = explainScores(facts, new Date());
  return { staleness, exposure, season: season && { words: season.words, occasions: season.occasions } };
}

/** Teams to choose from. */
export function readTeams() {
  return db.team.findMany({ select: { id: true, name: true }, orderBy: [{ name: "asc" }, { id: "asc" }], take: mostTeams });
}
