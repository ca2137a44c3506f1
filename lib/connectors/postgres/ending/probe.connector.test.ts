import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openGate } from "../client";
import { never, TestTarget } from "../test-target";
import { probeRoles } from "./probe";

describe.each(inject("targets"))("proving an end on PostgreSQL $version", (cluster) => {
  let target: TestTarget;
  beforeAll(async () => {
    target = await TestTarget.on(cluster);
  });
  afterAll(() => target[Symbol.asyncDispose]());

  /** A session whose two looks are parted by what the test does there instead of by a second. */
  const lookingAround = (between: () => Promise<unknown>): ReturnType<TestTarget["open"]> =>
    target.open({ deps: { sleep: async () => void (await between()) } });

  it("says exactly what was seen, by whom, when, and how strong that is", async () => {
    const session = target.open();
    const issued = await target.issue(session);
    await target.hold(issued);
    await session.revoke(issued.ending, never());
    const before = Date.now();
    const proof = await session.probe?.(issued.ending, never());
    expect(proof).toEqual({
      dead: true,
      method: "absent from pg_roles, pg_stat_activity and pg_shdepend",
      strength: "absent-from-inventory",
      lookedAt: [expect.any(Date), expect.any(Date)],
      seenBy: target.names.probe,
      facts: ["role gone", "0 sessions", "owns nothing", `seen by a second account, ${target.names.probe}`],
    });
    expect(Date.now() - before).toBeGreaterThanOrEqual(1_000);
  });

  it("claims less where the OID never became known", async () => {
    const proof = await target.open().probe?.({ grantId: crypto.randomUUID() }, never());
    expect(proof).toMatchObject({ dead: true, facts: expect.not.arrayContaining(["owns nothing", "0 sessions"]) });
  });

  it("does not take a role for dead that appears between the looks", async () => {
    const issued = await target.issue(target.open());
    await target.open().revoke(issued.ending, never());
    const session = lookingAround(() => target.admin(`create role ${issued.receipt.handle.name}`));
    expect(await session.probe?.(issued.ending, never())).toMatchObject({ dead: false, survivors: [`role ${issued.receipt.handle.name} exists`] });
    await target.admin(`drop role ${issued.receipt.handle.name}`);
  });

  it("does not take a role for dead that only the first look saw", async () => {
    const issued = await target.issue(target.open());
    const session = lookingAround(() => target.admin(`drop role ${issued.receipt.handle.name}`));
    expect(await session.probe?.(issued.ending, never())).toMatchObject({ dead: false });
  });

  it("names everything that still lives: role, sessions, and what it owns", async () => {
    const session = target.open();
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query("create table still_there()");
    expect(await session.probe?.(issued.ending, never())).toEqual({
      dead: false,
      lookedAt: expect.any(Date),
      survivors: [
        `role ${issued.receipt.handle.name} exists`,
        "1 sessions live",
        expect.stringMatching(/^\d+ objects or rights still name it$/),
      ],
    });
  });

  it("looks once for many, and finds each one's own answer", async () => {
    const session = target.open();
    const [gone, alive, gone2] = [await target.issue(session), await target.issue(session), await target.issue(session)];
    await session.revokeMany?.([gone.ending, gone2.ending], never());
    const started = performance.now();
    const proofs = await session.probeMany?.([gone, alive, gone2].map(({ ending }) => ending), never());
    expect(performance.now() - started).toBeLessThan(1_900);
    expect([gone, alive, gone2].map(({ order }) => proofs?.get(order.grantId)?.dead)).toEqual([true, false, true]);
    expect(await session.probeMany?.([], never())).toEqual(new Map());
  });

  it("refuses to prove with the account that did the work, however it came to be that", async () => {
    const { connector } = target.secrets();
    await using gate = openGate(target.config(), connector, 1);
    const deps = { installationId: target.installationId, now: () => new Date(), sleep: async () => undefined };
    const proving = probeRoles({ gate, connectorUser: connector.user, deps }, [{ grantId: crypto.randomUUID() }], never());
    await expect(proving).rejects.toMatchObject({ code: "denied", transient: false });
  });

  it("is proven by an account that can change nothing", async () => {
    const probe = await target.signIn(target.names.probe, target.passwords.probe);
    const issued = await target.issue(target.open());
    for (const statement of [
      `drop role ${issued.receipt.handle.name}`,
      `alter role ${issued.receipt.handle.name} nologin`,
      `grant ${target.names.group} to ${target.names.probe}`,
      "create role made_by_probe",
      "select from orders",
    ]) {
      await expect(probe.query(statement), statement).rejects.toMatchObject({ code: "42501" });
    }
  });

  it("stops when it is given up between the looks", async () => {
    const abort = new AbortController();
    const session = target.open({ deps: { sleep: (ms, signal) => sleep(ms, undefined, { signal }) } });
    setTimeout(() => abort.abort(), 200);
    const started = performance.now();
    await expect(session.probe?.({ grantId: crypto.randomUUID() }, abort.signal)).rejects.toMatchObject({ code: "aborted", transient: true });
    expect(performance.now() - started).toBeLessThan(900);
  });
});
