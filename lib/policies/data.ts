import "server-only";
import * as z from "zod";
import type { db } from "@/lib/db/client";
import { literally } from "@/lib/db/like";
import type { Transaction } from "@/lib/db/transaction";
import { AppError } from "@/lib/platform/errors";
import { hashPolicies } from "./cedar";
import type { Policies } from "./types";

/** The policy set in force. */
export type ActivePolicySet = {
  readonly hash: string;
  /** Counts the sets that were ever stored; 0 where none is in force. */
  readonly version: number;
  readonly policies: Policies;
  readonly activatedAt: Date | null;
};

/** Stands where no policy is in force: every question to it is a fault. */
export const noPolicies: Policies = Object.freeze({});
const policiesSchema = z.record(z.string(), z.string());

type Reader = Transaction | typeof db;

/** The newest activation as it is stored, and whether its policies still have their hash. `null` where there is none. */
export async function newestActivation(reader: Reader) {
  const row = await reader.policySet.findFirst({
    where: { activatedAt: { not: null } },
    orderBy: [{ activatedAt: "desc" }, { version: "desc" }],
    select: { hash: true, version: true, policies: true, activatedAt: true },
  });
  if (row === null || row.activatedAt === null) return null;
  const parsed = policiesSchema.safeParse(row.policies);
  const policies: Policies = Object.freeze(parsed.data ?? {});
  const intact = parsed.success && hashPolicies(policies) === row.hash;
  return { hash: row.hash, version: row.version, policies, intact, activatedAt: row.activatedAt };
}

/**
 * The policy set in force: the one activated last. Where none is, a set without policies, to which every question is a
 * fault. Throws when the stored set does not have its hash any more: somebody changed it behind Curfew's back.
 */
export async function loadActivePolicySet(reader: Reader): Promise<ActivePolicySet> {
  const newest = await newestActivation(reader);
  if (newest === null) return { hash: hashPolicies(noPolicies), version: 0, policies: noPolicies, activatedAt: null };
  const { intact, ...set } = newest;
  if (!intact) throw new AppError("integrity", `Policy set ${set.hash.slice(0, 12)} does not have its hash any more`);
  return set;
}

/** A name that policy uses for somebody or something with an id. */
export type PolicyNamed = { readonly kind: "team" | "person"; readonly name: string };

/**
 * The ids behind names, as a policy set has meant them since it was put in force; a name that had nobody behind it then means
 * the only one who bears it now. Several of one name are nobody: the set has to say the e-mail address.
 */
export async function readPolicyNames(tx: Reader, policyHash: string, wanted: readonly PolicyNamed[]): Promise<ReadonlyMap<string, { readonly id: string; readonly bound: boolean }>> {
  const names = wanted.map(({ name }) => name);
  const bound = await tx.policyName.findMany({ where: { policyHash, name: { in: names } }, select: { kind: true, name: true, targetId: true } });
  const found = new Map(bound.map(({ kind, name, targetId }) => [`${kind}:${name}`, { id: targetId, bound: true }]));
  for (const named of wanted) {
    const key = `${named.kind}:${named.name}`;
    if (found.has(key)) continue;
    const id = await idBehind(tx, named);
    if (id !== null) found.set(key, { id, bound: false });
  }
  return found;
}

async function idBehind(tx: Reader, { kind, name }: PolicyNamed): Promise<string | null> {
  if (kind === "team") return (await tx.team.findUnique({ where: { name }, select: { id: true } }))?.id ?? null;
  const called = name.includes("@") ? { email: { equals: literally(name), mode: "insensitive" as const } } : { name };
  const people = await tx.person.findMany({ where: { leftAt: null, ...called }, select: { id: true }, take: 2 });
  return people.length === 1 ? (people[0]?.id ?? null) : null;
}
