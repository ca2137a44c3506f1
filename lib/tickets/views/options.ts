import "server-only";
import { db } from "@/lib/db/client";
import { literally } from "@/lib/db/like";
import type { Named } from "../types";

const most = 12;
const select = { id: true, name: true } as const;
const orderBy = [{ name: "asc" }, { id: "asc" }] as const;

/** Systems by a part of their name. */
export function findSystems(text: string): Promise<Named[]> {
  return db.system.findMany({ where: { name: { contains: literally(text), mode: "insensitive" } }, select, orderBy: [...orderBy], take: most });
}

/** Identities that are there, by a part of their name. */
export function findIdentities(text: string): Promise<Named[]> {
  return db.identity.findMany({ where: { name: { contains: literally(text), mode: "insensitive" }, vanishedAt: null, state: { not: "offboarded" } }, select, orderBy: [...orderBy], take: most });
}
