import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { findSignIn } from "@/lib/auth/sign-ins";
import { openStream } from "@/lib/auth/streams";
import { db } from "@/lib/db/client";
import { onNotification, readNotification } from "@/lib/db/listen";
import { inTransaction } from "@/lib/db/transaction";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { appendEvent } from "@/lib/ledger/append";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { admitPerson, closeSignIn, openSignIn, setPersonLeft } from "@/lib/people/mutations";
import { giveRole } from "@/lib/people/registration";
import { registerIdentity } from "@/lib/identities/mutations";
import { newId } from "@/lib/platform/ids";
import { shutDown } from "@/lib/platform/shutdown";

const active = { isActivity: true };
const system = { kind: "system", process: "seed" } as const;

async function person(...roles: Role[]): Promise<PersonActor & { token: string }> {
  const admitted = await admitPerson({ issuer: "https://login.example.com", subject: newId(), name: "Somebody", email: null });
  if (!admitted.ok) throw new TypeError("not admitted");
  const { personId } = admitted.value;
  for (const role of roles) await giveRole(personId, role, { actor: system });
  const opened = await openSignIn(personId);
  if (!opened.ok) throw new TypeError("not signed in");
  return { kind: "person", personId, name: "Somebody", roles, token: opened.value.token };
}

/** A browser that reads a stream: what it heard, and whether the stream has ended. */
class Browser {
  heard = "";
  ended = false;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.reader = stream.getReader();
    void this.read();
  }

  private async read(): Promise<void> {
    for (;;) {
      const { done, value } = await this.reader.read();
      if (done) break;
      this.heard += Buffer.from(value).toString();
    }
    this.ended = true;
  }

  leave(): Promise<void> {
    return this.reader.cancel();
  }
}

const browsers: Browser[] = [];

async function open({ token }: { token: string }): Promise<Browser> {
  const signedIn = await findSignIn(token, active);
  if (!signedIn) throw new TypeError("not signed in");
  const stream = openStream(signedIn);
  if (!stream) throw new TypeError("too many");
  const browser = new Browser(stream);
  browsers.push(browser);
  return browser;
}

/** Commits an event about a request, as any mutation does, and lets the worker give it its place. */
async function happen(requestId: string): Promise<void> {
  await inTransaction((tx, now) => appendEvent(tx, { type: "request.withdrawn", at: now, actor: system, subjects: { request: requestId }, data: {} }));
  await sequenceEvents();
}

async function request(requesterId: string, others: { side?: string; asked?: string } = {}): Promise<string> {
  const id = newId();
  const identityId = await registerIdentity({ name: id, kind: "bot", description: null, environment: "test" }, { actor: system });
  const now = new Date();
  await db.request.create({
    data: { id, requesterId, identityId, purpose: "fix", durationSeconds: 60, grantedDurationSeconds: 60, state: "pending", submittedAt: now, decideBefore: now },
  });
  if (others.side) await db.sideMember.create({ data: { requestId: id, personId: others.side, why: "owner", since: now } });
  if (others.asked) {
    const stage = { id: newId(), requestId: id, position: 1, label: "Data", source: "resource-owner", needed: 1, state: "open" };
    await db.stage.create({ data: { ...stage, members: { create: { personId: others.asked, seatOfId: others.asked, why: "asked", since: now } } } });
  }
  return id;
}

let listening = false;
beforeAll(() => {
  onNotification(() => {
    listening = true;
  });
});

beforeEach(async () => {
  // The process's one connection is there once something was heard.
  await vi.waitFor(async () => {
    if (!listening) await db.$queryRaw`select 1 as told from pg_notify('curfew_sign_out', ${newId()})`;
    expect(listening).toBe(true);
  }, 10_000);
});

afterEach(async () => {
  await Promise.all(browsers.splice(0).map((browser) => browser.leave()));
});

afterAll(async () => {
  await shutDown();
});

describe("a live stream", () => {
  it("tells a change to those whom it concerns and to nobody else", async () => {
    const [asker, side, asked, stranger, auditor] = [
      await person("requester"), await person("owner"), await person("approver"), await person("requester", "approver", "owner"), await person("auditor"),
    ];
    const requestId = await request(asker.personId, { side: side.personId, asked: asked.personId });
    const [hearsAsker, hearsSide, hearsAsked, hearsStranger, hearsAuditor] = await Promise.all([asker, side, asked, stranger, auditor].map(open));
    await happen(requestId);
    for (const browser of [hearsAsker, hearsSide, hearsAsked, hearsAuditor]) {
      await vi.waitFor(() => expect(browser?.heard).toContain(requestId));
      expect(browser?.heard).toContain("request.withdrawn");
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(hearsStranger?.heard).not.toContain(requestId);
  });

  it("never tells names or words, only kinds and ids", async () => {
    const auditor = await person("auditor");
    const browser = await open(auditor);
    const requestId = await request(auditor.personId);
    await happen(requestId);
    await vi.waitFor(() => expect(browser.heard).toContain(requestId));
    const change = /event: change\ndata: (.*request\.withdrawn.*)\n/.exec(browser.heard)?.[1] ?? "";
    expect(JSON.parse(change)).toEqual({ type: "request.withdrawn", subjects: { request: requestId } });
  });

  it("ends at once when its browser signs out, and leaves the person's other browsers alone", async () => {
    const rita = await person("requester");
    const second = await openSignIn(rita.personId);
    const [first, other] = [await open(rita), await open({ token: second.ok ? second.value.token : "" })];
    await closeSignIn(rita.token);
    await vi.waitFor(() => expect(first.ended).toBe(true));
    expect(first.heard).toContain("event: signed-out");
    expect(other.ended).toBe(false);
  });

  it("ends at once, everywhere, when the person is set to left", async () => {
    const [ada, rita] = [await person("administrator"), await person("requester")];
    const open1 = await open(rita);
    const open2 = await open(rita);
    await setPersonLeft({ actor: ada, personId: rita.personId });
    await vi.waitFor(() => expect(open1.ended && open2.ended).toBe(true));
    expect(open1.heard).toContain("event: signed-out");
  });

  it("ends when the sign-in vanishes without a word, at the next heartbeat", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const rita = await person("requester");
      const browser = await open(rita);
      await vi.advanceTimersByTimeAsync(15_000);
      await vi.waitFor(() => expect(browser.heard).toContain(": beat"));
      await db.signIn.deleteMany({ where: { personId: rita.personId } });
      await vi.advanceTimersByTimeAsync(15_000);
      await vi.waitFor(() => expect(browser.ended).toBe(true));
    } finally {
      vi.useRealTimers();
    }
  });

  it("follows a change of roles: whoever loses theirs hears nothing more", async () => {
    const rita = await person("auditor");
    const browser = await open(rita);
    await db.personRole.deleteMany({ where: { personId: rita.personId } });
    await db.$queryRaw`select 1 as told from pg_notify('curfew_sign_out', ${rita.personId})`;
    await vi.waitFor(() => expect(browser.ended).toBe(true));
  });

  it("is refused beyond a handful per person, and free again after one has closed", async () => {
    const rita = await person("requester");
    const opened: Browser[] = [];
    for (let number = 0; number < 8; number++) opened.push(await open(rita));
    await expect(open(rita)).rejects.toThrow("too many");
    await opened[0]?.leave();
    await expect(open(rita)).resolves.toBeDefined();
  });

  it("is cut off when its browser does not read", async () => {
    const auditor = await person("auditor");
    const signedIn = await findSignIn(auditor.token, active);
    if (!signedIn) throw new TypeError("not signed in");
    openStream(signedIn); // nobody reads
    const reading = await open(auditor);
    await withClient(superuserUrl(), (client) =>
      client.query(`select pg_notify('curfew', '{"type":"system.reachable","subjects":{"system":"' || n || '"}}') from generate_series(1, 600) n(n)`),
    );
    await vi.waitFor(() => expect(reading.heard.split("system.reachable")).toHaveLength(601), 10_000);
    for (let number = 0; number < 7; number++) await open(auditor);
  });

  it("says that something may have been missed after the database connection was lost", async () => {
    const browser = await open(await person("requester"));
    await withClient(superuserUrl(), (client) =>
      client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'curfew-listen' and datname = current_database()"),
    );
    await vi.waitFor(() => expect(browser.heard).toContain("event: gap"), 10_000);
    expect(browser.ended).toBe(false);
  });

  it("ends when the server stops, and no new one is opened", async () => {
    const rita = await person("requester");
    const browser = await open(rita);
    await shutDown();
    await vi.waitFor(() => expect(browser.ended).toBe(true));
    await expect(open(rita)).rejects.toThrow("too many");
  });
});

describe("a notification", () => {
  it.each<[string, string]>([
    ["curfew", ""],
    ["curfew", "not json"],
    ["curfew", "[]"],
    ["curfew", '{"type":1,"subjects":{}}'],
    ["curfew", '{"type":"x","subjects":{"request":7}}'],
    ["curfew_sign_out", "not an id"],
  ])("that anybody could have sent on %s is not believed: %j", (channel, payload) => {
    expect(readNotification(channel, payload)).toBeNull();
  });
});
