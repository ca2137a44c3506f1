import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { literally } from "@/lib/db/like";
import type { Transaction } from "@/lib/db/transaction";
import { mostMembers, type ScimList } from "./schema";
import type { Condition, LeavingStopView, ScimTokenView, StoredGroup, StoredUser } from "./types";

const keptSchema = z.object({
  displayName: z.string().nullable().default(null),
  title: z.string().nullable().default(null),
  name: z.object({ formatted: z.string().optional(), givenName: z.string().optional(), familyName: z.string().optional() }).default({}),
  emails: z.array(z.object({ value: z.string(), type: z.string().optional(), primary: z.boolean().optional() })).default([]),
});

type UserRow = { personId: string; userName: string; externalId: string | null; active: boolean; attributes: unknown; createdAt: Date; changedAt: Date };

function userOf({ personId, attributes, userName, externalId, active, createdAt, changedAt }: UserRow): StoredUser {
  return { id: personId, userName, externalId, active, createdAt, changedAt, ...keptSchema.parse(attributes) };
}

/** Attributes by which users and groups can be found. */
export const userFilters = ["username", "externalid", "id", "active", "emails.value"] as const;
export const groupFilters = ["displayname", "externalid", "id", "members.value"] as const;

const uuid = z.uuid();
/** An id that is none matches nothing; PostgreSQL would refuse the question instead. */
const idOf = (value: string | boolean) => (uuid.safeParse(value).success ? String(value) : "00000000-0000-0000-0000-000000000000");

function userWhere(conditions: readonly Condition[]): Prisma.ScimUserWhereInput {
  const parts = conditions.map(({ attribute, value }): Prisma.ScimUserWhereInput => {
    switch (attribute) {
      case "username":
        return { userName: { equals: literally(String(value)), mode: "insensitive" } };
      case "externalid":
        return { externalId: String(value) };
      case "active":
        return { active: String(value).toLowerCase() === "true" };
      case "emails.value":
        return { person: { email: String(value).toLowerCase() } };
      default:
        return { personId: idOf(value) };
    }
  });
  return { AND: [{ deletedAt: null }, ...parts] };
}

/** One page of users, the oldest first. */
export async function listUsers(conditions: readonly Condition[], { startIndex, count }: ScimList): Promise<{ total: number; users: StoredUser[] }> {
  const where = userWhere(conditions);
  const [total, rows] = await Promise.all([
    db.scimUser.count({ where }),
    count === 0 ? [] : db.scimUser.findMany({ where, orderBy: { personId: "asc" }, skip: startIndex - 1, take: count }),
  ]);
  return { total, users: rows.map(userOf) };
}

/** One user; null when the directory does not have them (any more). */
export async function readUser(tx: Transaction, id: string): Promise<StoredUser | null> {
  const row = await tx.scimUser.findUnique({ where: { personId: id } });
  return row && row.deletedAt === null ? userOf(row) : null;
}

/** One user, outside a transaction. */
export const findUser = (id: string) => readUser(db, id);

type GroupRow = { teamId: string; displayName: string; externalId: string | null; createdAt: Date; changedAt: Date };

/** A group's members are persons that the directory has. */
async function membersOf(tx: Transaction, teamId: string) {
  const rows = await tx.teamMember.findMany({
    where: { teamId, person: { scimUser: { deletedAt: null } } },
    select: { person: { select: { id: true, name: true } } },
    orderBy: { personId: "asc" },
    take: mostMembers,
  });
  return rows.map(({ person }) => person);
}

async function groupOf(tx: Transaction, { teamId, ...row }: GroupRow, withMembers: boolean): Promise<StoredGroup> {
  return { ...row, id: teamId, members: withMembers ? await membersOf(tx, teamId) : null };
}

/** One group; null when there is none. */
export async function readGroup(tx: Transaction, id: string, withMembers = true): Promise<StoredGroup | null> {
  const row = await tx.scimGroup.findUnique({ where: { teamId: id } });
  return row ? groupOf(tx, row, withMembers) : null;
}

/** One group, outside a transaction. */
export const findGroup = (id: string, withMembers: boolean) => readGroup(db, id, withMembers);

function groupWhere(conditions: readonly Condition[]): Prisma.ScimGroupWhereInput {
  return {
    AND: conditions.map(({ attribute, value }): Prisma.ScimGroupWhereInput => {
      switch (attribute) {
        case "displayname":
          return { displayName: { equals: literally(String(value)), mode: "insensitive" } };
        case "externalid":
          return { externalId: String(value) };
        case "members.value":
          return { team: { members: { some: { personId: idOf(value) } } } };
        default:
          return { teamId: idOf(value) };
      }
    }),
  };
}

/** Pages with members are smaller: each group may have many. */
const mostWithMembers = 20;

/** One page of groups, the oldest first. */
export async function listGroups(conditions: readonly Condition[], { startIndex, count }: ScimList, withMembers: boolean): Promise<{ total: number; groups: StoredGroup[] }> {
  const where = groupWhere(conditions);
  const take = withMembers ? Math.min(count, mostWithMembers) : count;
  const [total, rows] = await Promise.all([
    db.scimGroup.count({ where }),
    take === 0 ? [] : db.scimGroup.findMany({ where, orderBy: { teamId: "asc" }, skip: startIndex - 1, take }),
  ]);
  const groups: StoredGroup[] = [];
  for (const row of rows) groups.push(await groupOf(db, row, withMembers));
  return { total, groups };
}

/** Tokens, those in use first. */
export async function readScimTokens(): Promise<ScimTokenView[]> {
  const rows = await db.scimToken.findMany({ orderBy: [{ withdrawnAt: { sort: "desc", nulls: "first" } }, { createdAt: "desc" }], take: 50 });
  const makers = await db.person.findMany({ where: { id: { in: rows.map(({ createdById }) => createdById) } }, select: { id: true, name: true } });
  return rows.map(({ id, name, createdAt, createdById, lastUsedAt, withdrawnAt }) => ({
    id,
    name,
    createdAt: createdAt.toISOString(),
    createdBy: makers.find((maker) => maker.id === createdById)?.name ?? "somebody who is erased",
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    withdrawnAt: withdrawnAt?.toISOString() ?? null,
  }));
}

const namesShown = 200;

/** Stops that wait for an administrator. */
export async function readLeavingStops(): Promise<LeavingStopView[]> {
  const rows = await db.leavingStop.findMany({
    where: { state: "waiting" },
    include: {
      token: { select: { name: true } },
      parked: { where: { state: "parked" }, select: { person: { select: { name: true } } }, orderBy: { parkedAt: "asc" }, take: namesShown },
      _count: { select: { parked: { where: { state: "parked" } } } },
    },
    orderBy: { stoppedAt: "asc" },
    take: 20,
  });
  return Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      why: row.why === "last-administrator" ? "last-administrator" as const : "mass" as const,
      token: row.token.name,
      stoppedAt: row.stoppedAt.toISOString(),
      presentCount: row.presentCount,
      leftBefore: row.leftBefore,
      leftNames: row.leftBefore > 0 ? await namesOfLeft(row.tokenId, row.stoppedAt, row.leftBefore) : [],
      parkedCount: row._count.parked,
      parkedNames: row.parked.map(({ person }) => person.name),
    })),
  );
}

/** Who had left in the same go before it stopped. */
async function namesOfLeft(tokenId: string, stoppedAt: Date, most: number): Promise<string[]> {
  const left = await db.scimLeaving.findMany({ where: { tokenId, at: { lte: stoppedAt } }, orderBy: { at: "desc" }, take: Math.min(most, namesShown) });
  const people = await db.person.findMany({ where: { id: { in: left.map(({ personId }) => personId) } }, select: { name: true }, orderBy: { name: "asc" } });
  return people.map(({ name }) => name);
}
