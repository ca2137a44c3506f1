import { afterEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { inTransaction } from "@/lib/db/transaction";
import { evaluate } from "./cedar";
import { loadActivePolicySet } from "./data";
import { activatePolicySet } from "./mutations";
import { samplePolicies } from "./sample";
import { questionOf } from "./test-question";
import type { Policies } from "./types";

const actor: Actor = { kind: "system", process: "seed" };
const now = new Date("2026-11-22T10:00:00Z");
const other: Policies = { "all-owner": '@reason("Whoever owns it decides") @stages("resource-owner:1") permit (principal, action, resource);' };

const activate = (policies: Policies, at = now) => inTransaction((tx) => activatePolicySet(tx, { policies, actor, now: at }));
const asSuperuser = (sql: string) => withClient(superuserUrl(), (client) => client.query(sql));

async function activations(): Promise<unknown[]> {
  const { rows } = await asSuperuser("SELECT convert_from(body, 'UTF8')::jsonb AS body FROM ledger.event WHERE type = 'policy.activated' ORDER BY id");
  return rows.map((row: { body: { data: unknown } }) => row.body.data);
}

afterEach(async () => {
  await db.policySet.deleteMany();
  await asSuperuser("SET session_replication_role = replica; DELETE FROM ledger.subject; DELETE FROM ledger.clear_value; DELETE FROM ledger.pending; DELETE FROM ledger.event");
});

describe("a policy set", () => {
  it("is in force once it is activated, and the ledger says so", async () => {
    const activated = await activate(samplePolicies);
    expect(activated).toMatchObject({ ok: true, value: { changed: true } });
    const set = await loadActivePolicySet(db);
    expect(set).toMatchObject({ policies: samplePolicies, activatedAt: now, hash: activated.ok ? activated.value.hash : "" });
    expect(evaluate(set.policies, questionOf())).toMatchObject({ outcome: "permit", policyHash: set.hash });
    expect(await activations()).toEqual([{ policyHash: set.hash, policies: Object.keys(samplePolicies).sort() }]);
  });

  it("answers with a fault where none is in force", async () => {
    const set = await loadActivePolicySet(db);
    expect(set.version).toBe(0);
    expect(evaluate(set.policies, questionOf()).outcome).toBe("fault");
  });

  it("is stored beside the set without policies, so that a fault for want of them can be recorded", async () => {
    await activate(samplePolicies);
    await activate(other);
    const { policyHash } = evaluate({}, questionOf());
    expect(await db.policySet.findUnique({ where: { hash: policyHash } })).toMatchObject({ version: 0, activatedAt: null });
  });

  it("changes nothing when it is activated again", async () => {
    await activate(samplePolicies);
    expect(await activate({ ...samplePolicies }, new Date(now.getTime() + 5_000))).toMatchObject({ ok: true, value: { changed: false } });
    expect(await activations()).toHaveLength(1);
  });

  it("comes back into force under its old version", async () => {
    const first = await activate(samplePolicies);
    await activate(other, new Date(now.getTime() + 1_000));
    const again = await activate(samplePolicies, new Date(now.getTime() + 2_000));
    expect(again).toEqual(first);
    expect((await loadActivePolicySet(db)).policies).toEqual(samplePolicies);
  });

  it("is in force even where the clock went back", async () => {
    await activate(samplePolicies);
    await activate(other, new Date(now.getTime() - 60_000));
    expect((await loadActivePolicySet(db)).policies).toEqual(other);
  });

  it("is not stored when something is wrong with it", async () => {
    const broken = await activate({ "no-stages": '@reason("Anybody") permit (principal, action, resource);' });
    expect(broken).toMatchObject({ ok: false, code: "policy-set-broken", problems: [{ policyId: "no-stages", code: "annotation" }] });
    expect(await db.policySet.count()).toBe(0);
    expect(await activations()).toEqual([]);
  });

  it("is refused, loudly, once somebody changed it in the database, and can be repaired", async () => {
    await activate(samplePolicies);
    await asSuperuser(`UPDATE policy_sets SET policies = policies - 'suspended-refused'`);
    await expect(loadActivePolicySet(db)).rejects.toMatchObject({ code: "integrity" });
    expect(await activate(samplePolicies)).toMatchObject({ ok: true, value: { changed: true } });
    expect((await loadActivePolicySet(db)).policies).toEqual(samplePolicies);
  });

  it("wins alone when twenty activations meet", async () => {
    const sets = Array.from({ length: 20 }, (_, index): Policies => ({ [`rule-${index % 4}`]: other["all-owner"] ?? "" }));
    await Promise.all(sets.map((set) => activate(set)));
    const rows = await db.policySet.findMany({ where: { activatedAt: { not: null } }, orderBy: { activatedAt: "desc" } });
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map((row) => row.activatedAt?.getTime())).size).toBe(4);
    expect((await loadActivePolicySet(db)).hash).toBe(rows[0]?.hash);
  });
});
