import "server-only";
import * as z from "zod";
import type { db } from "@/lib/db/client";
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
