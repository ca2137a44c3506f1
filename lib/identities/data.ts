import "server-only";
import { readByIndex } from "@/lib/db/by-index";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { literally } from "@/lib/db/like";
import { AppError } from "@/lib/platform/errors";
import { type IdentityKind, identityKinds, type IdentityState, identityStates } from "./types";

/** Parses a kind column; an unknown kind is a fault. */
export function parseIdentityKind(text: string): IdentityKind {
  const known = identityKinds.find((kind) => kind === text);
  if (!known) throw new AppError("integrity", `unknown kind of identity ${text}`);
  return known;
}

/** Parses a state column; an unknown state is a fault. */
export function parseIdentityState(text: string): IdentityState {
  const known = identityStates.find((state) => state === text);
  if (!known) throw new AppError("integrity", `unknown state of identity ${text}`);
  return known;
}

type FoundIdentity = { id: string; name: string; kind: string; environment: string };

/** Shorter texts have no trigram: they are looked for at the start of names only. */
const shortestSubstring = 3;
/** Of a text that half of all names hold, some are offered, not the first of all by the alphabet. */
const mostLookedAt = 200;

/** Identities whose name holds a text, those that start with it first. */
export async function findIdentities(text: string, most: number): Promise<FoundIdentity[]> {
  const wanted = literally(text.toLowerCase());
  const starting = await db.$queryRaw<FoundIdentity[]>`
    select id, name, kind, environment from identities where sort_name like ${`${wanted}%`} order by sort_name, id limit ${most}::int`;
  if (starting.length === most || [...text].length < shortestSubstring) return starting;
  const known = starting.map(({ id }) => id);
  const holding = await readByIndex<FoundIdentity>(Prisma.sql`
    select id, name, kind, environment from (
      select * from identities where search_text like ${`%${wanted}%`} and sort_name like ${`%${wanted}%`} and id <> all(${known}::uuid[]) limit ${mostLookedAt}::int
    ) found order by sort_name, id limit ${most - starting.length}::int`);
  return [...starting, ...holding];
}
