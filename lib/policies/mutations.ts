import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { ok, type Refusal, type Result } from "@/lib/platform/result";
import { namesIn } from "@/lib/stages/groups";
import { hashPolicies, readPolicy } from "./cedar";
import { newestActivation, noPolicies, readPolicyNames, type PolicyNamed } from "./data";
import type { Policies, PolicyProblem } from "./types";
import { validatePolicySet } from "./validation";

/** Puts a policy set in force. */
export type ActivatePolicySet = {
  readonly policies: Policies;
  readonly actor: Actor;
  readonly now: Date;
  /** Marks what the demo's seed wrote. */
  readonly demo?: boolean;
};

export type Activated = {
  readonly hash: string;
  readonly version: number;
  /** False where the set was in force already. */
  readonly changed: boolean;
};

/** A set that cannot be put in force, with everything that is wrong with it. */
export type BrokenPolicySet = Refusal<"policy-set-broken"> & { readonly problems: readonly PolicyProblem[] };

/**
 * Validates a policy set, stores it under its hash and puts it in force. Activations happen one after the other, each later
 * than the one before even where the clock went back, so that "the newest" is never in doubt. Repeating is harmless, and
 * repairs a stored set that was changed behind Curfew's back.
 */
export async function activatePolicySet(
  tx: Transaction,
  { policies, actor, now, demo }: ActivatePolicySet,
): Promise<Extract<Result<Activated, never>, { ok: true }> | BrokenPolicySet> {
  const problems = validatePolicySet(policies);
  if (problems.length > 0) return { ok: false, code: "policy-set-broken", detail: { problems: problems.length }, problems };
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('curfew:activate-policy-set', 0))`;
  const hash = hashPolicies(policies);
  const active = await newestActivation(tx);
  if (active?.hash === hash && active.intact) return ok({ hash, version: active.version, changed: false });
  const activatedAt = new Date(Math.max(now.getTime(), (active?.activatedAt.getTime() ?? 0) + 1));
  const { version } = await tx.policySet.upsert({
    where: { hash },
    create: { hash, policies: { ...policies }, createdAt: now, activatedAt },
    update: { activatedAt, policies: { ...policies } },
    select: { version: true },
  });
  await keepNoPolicies(tx, now);
  await tx.policyName.deleteMany({ where: { policyHash: hash } });
  await bindPolicyNames(tx, hash, namesOf(policies), now);
  await appendEvent(tx, {
    type: "policy.activated",
    at: activatedAt,
    actor,
    subjects: {},
    data: { policyHash: hash, policies: Object.keys(policies).sort() },
    ...(demo === undefined ? {} : { demo }),
  });
  return ok({ hash, version, changed: true });
}

/** Stores the set without policies, never in force: a fault for want of policies is a decision too, and names its set. */
async function keepNoPolicies(tx: Transaction, now: Date): Promise<void> {
  const row = { hash: hashPolicies(noPolicies), version: 0, policies: {}, createdAt: now };
  await tx.policySet.createMany({ data: [row], skipDuplicates: true });
}

/** Keeps whom a set means by names: from here on a team that is renamed stays the one that is asked, and its name gives nobody votes. */
export async function bindPolicyNames(tx: Transaction, policyHash: string, wanted: readonly PolicyNamed[], now: Date): Promise<void> {
  const found = await readPolicyNames(tx, policyHash, wanted);
  const data = wanted.flatMap(({ kind, name }) => {
    const behind = found.get(`${kind}:${name}`);
    return behind && !behind.bound ? [{ policyHash, kind, name, targetId: behind.id, boundAt: now }] : [];
  });
  if (data.length > 0) await tx.policyName.createMany({ data, skipDuplicates: true });
}

/** Names that the stages of a set use. */
function namesOf(policies: Policies): readonly PolicyNamed[] {
  const stages = Object.entries(policies).flatMap(([id, text]) => {
    const policy = readPolicy(id, text);
    return "code" in policy ? [] : (policy.obligations?.stages ?? []);
  });
  return namesIn(stages.flatMap(({ source, escalateTo }) => (escalateTo ? [source, escalateTo] : [source])));
}
