import type { LoggedUse, StatementLine } from "../types";

/** What sets pgAudit's line apart from PostgreSQL's own, in the key of a use. */
const suffix = ":audit";

/** The key of a line that pgAudit wrote. */
export const auditKey = (key: string) => `${key}${suffix}`;

/** Between PostgreSQL's line of a statement and pgAudit's of the same one stand at most this many: what a prepared statement reached comes before its EXECUTE. */
const reach = 8;

type Lined = LoggedUse & { readonly line: StatementLine };
const isLined = (use: LoggedUse): use is Lined => use.line !== null;

/** Lines of each session in their order: of a statement pgAudit's stands behind where it begins, and before where it says how long it took. */
function bySession(uses: readonly LoggedUse[]): ReadonlyMap<string, readonly Lined[]> {
  const sessions = new Map<string, Lined[]>();
  for (const use of uses.filter(isLined)) {
    const list = sessions.get(use.line.session);
    if (list) list.push(use);
    else sessions.set(use.line.session, [use]);
  }
  for (const list of sessions.values()) list.sort((a, b) => a.line.number - b.line.number);
  return sessions;
}

/** The nearest line about the same statement in one direction, within reach. */
function nearest(lines: readonly Lined[], from: Lined, direction: 1 | -1): Lined | null {
  let found: Lined | null = null;
  for (const other of lines) {
    const distance = (other.line.number - from.line.number) * direction;
    if (distance <= 0 || distance > reach || other.line.hash !== from.line.hash) continue;
    if (found === null || distance < Math.abs(found.line.number - from.line.number)) found = other;
  }
  return found;
}

/** A line whose other half may have come before, in one of these places, the nearest first. */
export type Asked = { readonly key: string; readonly session: string; readonly places: readonly number[]; readonly hash: string };

/** Places within reach where no line stands here: what stands there was told before, or never. */
function emptyPlaces(taken: ReadonlySet<number>, { number }: StatementLine, direction: 1 | -1): number[] {
  return Array.from({ length: reach }, (_, step) => number + (step + 1) * direction).filter((place) => place > 0 && !taken.has(place));
}

export type Paired = {
  /** Without lines of statements that pgAudit tells of, too. */
  readonly uses: readonly LoggedUse[];
  /** PostgreSQL's lines whose half of pgAudit is not here. */
  readonly statements: readonly Asked[];
  /** pgAudit's lines whose half of PostgreSQL is not here. */
  readonly audits: readonly Asked[];
};

/**
 * With `log_statement` and pgAudit both on, a statement is there twice: pgAudit's line is kept, which says what was reached. What
 * failed before pgAudit could look at it has no other half, and stays.
 */
export function pairAudits(uses: readonly LoggedUse[]): Paired {
  const covered = new Set<LoggedUse>();
  const [statements, audits]: [Asked[], Asked[]] = [[], []];
  for (const lines of bySession(uses).values()) {
    const taken = new Set(lines.map(({ line }) => line.number));
    // A longer session's lines are compared with those near them only.
    for (const [index, use] of lines.entries()) {
      const near = lines.slice(Math.max(0, index - mostNear), index + mostNear);
      const { line, key } = use;
      const direction = line.by === "statement" ? 1 : -1;
      if (line.by !== "audit" && use.outcome !== "allowed") continue;
      const other = nearest(near, use, direction);
      if (other !== null) {
        if (line.by !== "audit" && other.line.by === "audit") covered.add(use);
        continue;
      }
      const places = emptyPlaces(taken, line, direction);
      if (places.length > 0) (line.by === "audit" ? audits : statements).push({ key, session: line.session, places, hash: line.hash });
    }
  }
  return { uses: covered.size === 0 ? uses : uses.filter((use) => !covered.has(use)), statements, audits };
}

/** Uses of the lines within reach: a line of PostgreSQL may hold up to 20 statements, and pgAudit writes one of each. */
const mostNear = 200;
