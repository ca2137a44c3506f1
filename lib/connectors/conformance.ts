import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConnectorDeps, ConnectorSession, GrantOrder, GrantReceipt } from "./contract";
import { ConnectorError } from "./errors";

/** What a connector's tests bring along: a real target, and the holder's side of it. */
export type Harness<Target> = AsyncDisposable & {
  /** A session to the target; each call with another installation id is another installation. */
  readonly open: (overrides?: { readonly deps?: Partial<ConnectorDeps>; readonly installationId?: string }) => ConnectorSession<Target>;
  /** A session to where nothing listens. */
  readonly openUnreachable: () => ConnectorSession<Target>;
  /** A fresh order with the secret that belongs to it. */
  readonly order: (overrides?: Partial<GrantOrder<Target>>) => Promise<{ readonly order: GrantOrder<Target>; readonly secret: string }>;
  /** Well-formed, but not there. */
  readonly missingTarget: Target;
  /** Uses the credential as its holder would and keeps the session open; throws when it does not work. */
  readonly use: (receipt: GrantReceipt, secret: string) => Promise<void>;
  /** A credential that Curfew did not make and may suspend, where the connector can: its lasting id, and how its holder uses it. */
  readonly foreign?: () => Promise<{ readonly targetId: string; readonly use: () => Promise<void> }>;
  /** Everything that the connector's side signs in with. */
  readonly ownSecrets: readonly string[];
  /** What the target wrote into its own log. */
  readonly log: () => Promise<string>;
};

/** What every connector must do. Each connector runs it against a real target beside its own tests. */
export function describeConnector<Target>(name: string, start: () => Promise<Harness<Target>>): void {
  describe(`${name} keeps the contract`, () => {
    let harness: Harness<Target>;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness[Symbol.asyncDispose]());
    const current = (): Harness<Target> => harness;
    describeIssue(current);
    describeEnd(current);
    describeSuspension(current);
    describeFailure(current);
    describeSecrecy(current);
  });
}

type Current<Target> = () => Harness<Target>;

const never = (): AbortSignal => new AbortController().signal;

/** The error that a call ends with; fails when the call succeeds or throws anything else. */
async function failureOf(call: Promise<unknown>): Promise<ConnectorError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  if (error instanceof ConnectorError) return error;
  throw new ConnectorError("unexpected", "the call did not fail", { transient: false });
}

function describeIssue<Target>(current: Current<Target>): void {
  it("issues a credential that works and that inspect sees", async () => {
    const session = current().open();
    const { order, secret } = await current().order();
    expect(await session.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
    const receipt = await session.grant(order, never());
    expect(receipt.repeated).toBe(false);
    await current().use(receipt, secret);
    expect(await session.inspect({ grantId: order.grantId }, never())).toMatchObject({
      state: "present",
      canLogIn: true,
      handle: { name: receipt.handle.name },
    });
  });

  it("issues once when asked twice", async () => {
    const session = current().open();
    const { order, secret } = await current().order();
    const first = await session.grant(order, never());
    const second = await session.grant(order, never());
    expect(second).toMatchObject({ repeated: true, handle: first.handle, connection: first.connection });
    await current().use(second, secret);
  });

  it("issues once when asked twice at the same time", async () => {
    const session = current().open();
    const { order, secret } = await current().order();
    const receipts = await Promise.all([session.grant(order, never()), session.grant(order, never())]);
    expect(new Set(receipts.map(({ handle }) => handle.targetId)).size).toBe(1);
    const [receipt] = receipts;
    await current().use(receipt, secret);
  });
}

function describeEnd<Target>(current: Current<Target>): void {
  it("ends a credential in use, proves it dead, and ends nothing when asked again", async () => {
    const session = current().open();
    const { order, secret } = await current().order();
    const { grantId } = order;
    const receipt = await session.grant(order, never());
    const { targetId } = receipt.handle;
    const ending = targetId === undefined ? { grantId } : { grantId, targetId };
    await current().use(receipt, secret);
    const alive = await session.probe?.(ending, never());
    expect(alive?.dead ?? false).toBe(false);

    expect(await session.revoke(ending, never())).toMatchObject({ alreadyGone: false, handle: receipt.handle });
    expect(await session.inspect(ending, never())).toEqual({ state: "absent" });
    await expect(current().use(receipt, secret)).rejects.toThrow();
    expect(await session.revoke(ending, never())).toMatchObject({ alreadyGone: true, sessionsCut: 0, leftovers: [] });
    const proof = await session.probe?.(ending, never());
    if (proof?.dead === true) expect(proof.lookedAt[1].getTime() - proof.lookedAt[0].getTime()).toBeGreaterThanOrEqual(1_000);
    expect(proof === undefined || proof.dead).toBe(true);
  });

  it("never ends another installation's credential", async () => {
    const mine = current().open({ installationId: "00000001" });
    const others = current().open({ installationId: "00000002" });
    const { order, secret } = await current().order();
    const receipt = await others.grant(order, never());
    expect(await mine.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
    expect(await mine.revoke({ grantId: order.grantId }, never())).toMatchObject({ alreadyGone: true });
    expect((await mine.list?.(never())) ?? []).toEqual([]);
    expect((await mine.others?.(never())) ?? ["00000002"]).toContain("00000002");
    expect((await others.others?.(never())) ?? []).not.toContain("00000002");
    await current().use(receipt, secret);
    await others.revoke({ grantId: order.grantId }, never());
  });
}

function describeSuspension<Target>(current: Current<Target>): void {
  it("suspends what it did not make, gives it back, and removes it: each as often as it is asked", async () => {
    const session = current().open();
    const foreign = await current().foreign?.();
    const { suspend, resume, remove, confirm } = session;
    // All or none: what can be taken must be possible to give back.
    expect([suspend, resume].map((method) => method === undefined)).toEqual([foreign === undefined, foreign === undefined]);
    if (!foreign || !suspend || !resume) return;
    const order = { orderId: randomUUID(), targetId: foreign.targetId, openConnections: "cut" } as const;
    await foreign.use();
    for (let call = 0; call < 2; call += 1) {
      expect(await suspend(order, never())).toMatchObject({ changed: true, alreadyGone: false });
      await expect(foreign.use()).rejects.toThrow();
    }
    expect((await confirm?.(order, "suspended", never()))?.as ?? "expected").toBe("expected");
    expect(await failureOf(suspend(order, AbortSignal.abort()))).toMatchObject({ code: "aborted" });
    for (let call = 0; call < 2; call += 1) {
      expect(await resume(order, never())).toMatchObject({ restored: true, leftAsIs: null });
      await foreign.use();
    }
    if (!remove) return;
    expect(await remove(order, never())).toMatchObject({ alreadyGone: false });
    expect(await remove(order, never())).toMatchObject({ alreadyGone: true });
    await expect(foreign.use()).rejects.toThrow();
    expect((await confirm?.(order, "removed", never()))?.as ?? "expected").toBe("expected");
    expect(await resume(order, never())).toMatchObject({ restored: false });
  });

  it("says of an unreachable target that its suspension may work later", async () => {
    const session = current().openUnreachable();
    const order = { orderId: randomUUID(), targetId: "1", openConnections: "cut" } as const;
    for (const call of [session.suspend, session.resume, session.remove]) {
      if (call) expect(await failureOf(call(order, never()))).toMatchObject({ code: "unreachable", transient: true });
    }
  });
}

function describeFailure<Target>(current: Current<Target>): void {
  it("leaves nothing when the deadline has passed", async () => {
    const session = current().open();
    const { order } = await current().order({ deadline: new Date(Date.now() - 1) });
    expect(await failureOf(session.grant(order, never()))).toMatchObject({ code: "deadline-passed", transient: false });
    expect(await session.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
  });

  it("issues nothing on a target that is not there, and says so for good", async () => {
    const session = current().open();
    const { order } = await current().order({ target: current().missingTarget });
    expect(await failureOf(session.grant(order, never()))).toMatchObject({ code: "wrong-target", transient: false });
    expect(await session.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
  });

  it("says that an unreachable target may answer later", async () => {
    const session = current().openUnreachable();
    const { order } = await current().order();
    const ending = { grantId: order.grantId };
    const calls = [
      session.grant(order, never()),
      session.revoke(ending, never()),
      session.inspect(ending, never()),
      session.check(never()),
    ];
    for (const call of calls) {
      expect(await failureOf(call)).toMatchObject({ code: "unreachable", transient: true });
    }
  });

  it("leaves the whole credential or none when a call is aborted at any moment", async () => {
    const session = current().open();
    for (let delay = 0; delay <= 24; delay += 1) {
      const { order, secret } = await current().order();
      const abort = new AbortController();
      const call = session.grant(order, abort.signal);
      setTimeout(() => abort.abort(), delay);
      const outcome = await call.catch((error: unknown) => error);
      if (outcome instanceof ConnectorError) expect(outcome).toMatchObject({ code: "aborted", transient: true });
      const seen = await session.inspect({ grantId: order.grantId }, never());
      // Whichever it is, the same call afterwards gives a working credential.
      expect(["absent", "present"]).toContain(seen.state);
      await current().use(await session.grant(order, never()), secret);
    }
  });

  it("does nothing for a call that was aborted before it began", async () => {
    const session = current().open();
    const { order } = await current().order();
    expect(await failureOf(session.grant(order, AbortSignal.abort()))).toMatchObject({ code: "aborted" });
    expect(await failureOf(session.revoke({ grantId: order.grantId }, AbortSignal.abort()))).toMatchObject({ code: "aborted" });
    expect(await session.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
  });
}

function describeSecrecy<Target>(current: Current<Target>): void {
  it("puts no secret into a receipt, an answer, an error or the target's log", async () => {
    const session = current().open();
    const { order, secret } = await current().order();
    const said: unknown[] = [await session.grant(order, never())];
    said.push(await session.grant(order, never()));
    said.push(await failureOf(session.grant({ ...order, target: current().missingTarget, grantId: randomUUID() }, never())));
    said.push(await failureOf(session.grant({ ...order, verifier: `${order.verifier}x` }, never())));
    said.push(await failureOf(current().openUnreachable().grant(order, never())));
    const ending = { grantId: order.grantId };
    said.push(await session.check(never()), await session.inspect(ending, never()), await session.observe?.(never()));
    said.push(await session.discover?.(never()), await session.revoke(ending, never()));
    const text = said.map(everythingIn).join("\n");
    for (const hidden of [secret, order.verifier, ...current().ownSecrets]) expect(text).not.toContain(hidden);
    const log = await current().log();
    for (const hidden of [secret, ...current().ownSecrets]) expect(log).not.toContain(hidden);
  });
}

/** All text of a value, with what an error keeps outside of JSON. */
function everythingIn(value: unknown): string {
  if (!(value instanceof Error)) return JSON.stringify(value) ?? "";
  const own = Object.getOwnPropertyNames(value).map((key) => String(Reflect.get(value, key)));
  return [...own, value.cause === undefined ? "" : everythingIn(value.cause)].join("\n");
}
