import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { noteNothingToSee, polledSource } from "@/lib/grants/polled-source";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { Live, World } from "@/lib/requests/test-world";
import { newId } from "@/lib/platform/ids";
import { readCoverage, readSource, sourceWatermarks, usedScope } from "./data";
import { readFolder } from "./folder";
import { receiveLog, receiveUses } from "./intake";
import { takeServerLog } from "./live";
import { rememberMarkers } from "./matching";
import { closeSource, makeSource, matchWaiting } from "./mutations";
import { noUseSaid } from "./rules";
import { authenticateUsesSender, makeSourceToken, withdrawSourceToken } from "./tokens";
import type { Received, SourceFormat } from "./types";

let world: World;
let root: string;
beforeAll(async () => {
  ({ world } = await setScene());
  root = await mkdtemp(path.join(os.tmpdir(), "curfew-uses-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let made = 0;
async function source(format: SourceFormat = "postgres-jsonlog", more: { folder?: string; lagSeconds?: number } = {}): Promise<string> {
  const result = await makeSource({ actor: world.people.ada, input: { systemId: world.systemId, name: `log ${(made += 1)}`, format, ...more } });
  if (!result.ok) throw new Error(result.code);
  return result.value.sourceId;
}

async function* bytes(text: string) {
  yield await Promise.resolve(Buffer.from(text));
}

async function send(sourceId: string, text: string): Promise<Received> {
  const result = await receiveLog({ actor: world.people.ada, sourceId, name: "a.log", body: bytes(text) });
  if (!result.ok) throw new Error(result.code);
  return result.value;
}

const stamp = (at: Date) => at.toISOString().replace("T", " ").replace("Z", " UTC");
type Entry = { readonly user: string; readonly at: Date; readonly message: string; readonly session?: string; readonly number?: number; readonly severity?: string; readonly state?: string; readonly statement?: string; readonly application?: string };
const line = ({ user, at, message, session = "6968bb38.1", number = 1, severity = "LOG", state, statement, application }: Entry) =>
  `${JSON.stringify({ timestamp: stamp(at), user, dbname: "orders", remote_host: "10.0.0.8", session_id: session, line_num: number, error_severity: severity, state_code: state, message, statement, application_name: application })}\n`;

async function login(live: Live): Promise<string> {
  return (await world.grant(live.grantId)).handleName ?? "";
}
const soon = (ms: number) => new Date(Date.now() + ms);
const usesOf = (where: { grantId?: string; sourceId?: string }) => db.use.findMany({ where, orderBy: [{ startedAt: "asc" }, { key: "asc" }] });

describe("a log that is sent", () => {
  it("is matched to its session, tells what was reached, and adds nothing when it comes again", async () => {
    const live = await world.live();
    const user = await login(live);
    const sourceId = await source();
    const text =
      line({ user, at: soon(10), message: `connection authorized: user=${user} database=orders` }) +
      line({ user, at: soon(20), number: 2, message: "statement: select id, card from billing.payments where token = 'hunter2-hunter2'" }) +
      line({ user, at: soon(30), number: 3, message: "statement: delete from sales.orders" }) +
      line({ user, at: soon(31), number: 4, severity: "ERROR", state: "42501", message: "permission denied for table orders", statement: "delete from sales.orders" }) +
      line({ user, at: soon(40), number: 5, message: `disconnection: session time: 0:00:00.030 user=${user} database=orders` }) +
      "not a line of a log\n";
    expect(await send(sourceId, text)).toMatchObject({ state: "complete", linesRead: 6, linesRejected: 1, usesKept: 3, linesRepeated: 0 });
    const uses = await usesOf({ sourceId });
    expect(uses.map(({ kind, match, rule, outcome }) => [kind, match, rule, outcome])).toEqual([
      ["connection", "exact", "issued-login", "allowed"],
      ["statement", "exact", "issued-login", "allowed"],
      ["statement", "exact", "issued-login", "refused"],
    ]);
    expect(uses[0]?.endedAt).not.toBeNull();
    expect(await usedScope(live.grantId)).toMatchObject({
      total: 3,
      byMatch: { exact: 3, strong: 0, inferred: 0 },
      rows: [
        { object: "orders", action: "CONNECT", count: 1, refused: 0, match: "exact" },
        { object: "billing.payments", action: "SELECT", count: 1, refused: 0, objectsBy: "text" },
        { object: "sales.orders", action: "DELETE", count: 1, refused: 1 },
      ],
    });
    expect(await send(sourceId, text)).toMatchObject({ usesKept: 0, linesRepeated: 5 });
    expect(await usesOf({ sourceId })).toEqual(uses);
    const grant = await world.grant(live.grantId);
    expect([grant.firstUseAt, grant.lastUseAt]).toEqual([uses[0]?.startedAt, uses[0]?.endedAt]);
    expect((await world.told("grant", live.grantId)).filter((type) => type === "grant.first-used")).toHaveLength(1);
    expect((await world.events("grant", live.grantId, "grant.first-used"))[0]?.data).toMatchObject({ source: "postgres-jsonlog", match: "exact" });
    const everything = JSON.stringify(await db.$queryRaw`select u::text as u from uses u union all select r::text from source_rejections r union all select f::text from source_files f`);
    expect(everything).not.toMatch(/hunter2|not a line/);
    const view = await readSource(sourceId, new Date());
    expect(view?.rejections[0]).toMatchObject({ place: "a.log", line: 6, code: "not-json" });
    expect(view?.files.map(({ usesKept }) => usesKept)).toEqual([0, 3]);
  });

  it("in any order and any parts comes to the same", async () => {
    const live = await world.live();
    const user = await login(live);
    const lines = Array.from({ length: 40 }, (_, index) => line({ user, at: soon(index), session: "6968bb39.7", number: index + 1, message: `statement: select ${index} from t${index % 5}` }));
    const [forward, backward] = [await source(), await source()];
    await send(forward, lines.join(""));
    for (const each of [...lines].reverse()) await send(backward, each);
    const told = async (sourceId: string) => (await usesOf({ sourceId })).map(({ key, startedAt, action, objects, grantId, match }) => ({ key, startedAt, action, objects, grantId, match }));
    expect(await told(backward)).toEqual(await told(forward));
    expect((await told(forward)).length).toBe(40);
  });

  it("keeps what a broken-off one had said, and says nothing is complete", async () => {
    const live = await world.live();
    const user = await login(live);
    const sourceId = await source();
    async function* broken() {
      yield await Promise.resolve(Buffer.from(Array.from({ length: 600 }, (_, index) => line({ user, at: soon(index), number: index + 1, message: "statement: select 1" })).join("")));
      throw new Error("the wire was cut");
    }
    const result = await receiveLog({ actor: world.people.ada, sourceId, name: "cut.log", body: broken() });
    expect(result).toMatchObject({ ok: true, value: { state: "interrupted", usesKept: 500, watermark: null } });
    expect((await sourceWatermarks(world.systemId)).find((each) => each.sourceId === sourceId)?.watermark).toBeNull();
  });

  it("withholds names that are secrets, and what a line of a refused sign-in has for a name", async () => {
    const sourceId = await source("sshd");
    const secret = "Xk9-vQ2_pL7wR4tZ8mN1";
    await send(sourceId, `2026-01-15T10:05:00Z web-1 sshd[4244]: Failed password for invalid user ${secret} from 203.0.113.9 port 60000 ssh2\n`);
    await send(sourceId, `2026-01-15T10:06:00Z web-1 sshd[4244]: Failed password for correct-horse from 203.0.113.9 port 60000 ssh2\n`);
    const uses = await usesOf({ sourceId });
    expect(uses).toMatchObject([{ outcome: "refused", grantId: null }, { outcome: "refused", principal: null }]);
    expect(JSON.stringify(uses)).not.toMatch(/Xk9-|correct-horse/);
    const cloud = await source("openbao-audit");
    await send(cloud, JSON.stringify({ time: "2026-01-15T10:02:10Z", type: "request", auth: { display_name: "token" }, request: { id: "r1", operation: "read", path: `secret/data/ghp_${"a1B2c3D4e5F6".repeat(3)}` } }));
    expect((await usesOf({ sourceId: cloud }))[0]?.objects).toEqual(["withheld: looks like a secret"]);
  });
});

describe("senders that never come to an end", () => {
  it("hold up their own source and no other, and are out of the way when they break off", async () => {
    const [slow, other] = [await source(), await source()];
    const ends: (() => void)[] = [];
    const dripping = () => {
      async function* body() {
        yield Buffer.from("not a line of a log\n");
        yield await new Promise<Uint8Array>((_resolve, reject) => ends.push(() => reject(new Error("gone"))));
      }
      return receiveLog({ actor: world.people.ada, sourceId: slow, name: "slow.log", body: body() });
    };
    const held = [dripping(), dripping()];
    await vi.waitFor(() => expect(ends).toHaveLength(2));
    expect(await dripping()).toMatchObject({ ok: false, code: "too-many-uploads" });
    expect(await send(other, "not a line of a log\n")).toMatchObject({ state: "complete" });
    for (const end of ends) end();
    expect((await Promise.all(held)).map((result) => result.ok && result.value.state)).toEqual(["interrupted", "interrupted"]);
    expect(await send(slow, "not a line of a log\n")).toMatchObject({ state: "complete" });
  });
});

describe("sources that learn", () => {
  it("CloudTrail: a key is tied to the session by the line that issued it, also when that line comes last", async () => {
    const live = await world.live();
    const sourceId = await source("cloudtrail");
    const now = soon(100).toISOString();
    const key = `ASIA${newId().replaceAll("-", "").slice(-16).toUpperCase()}`;
    const put = JSON.stringify({ eventID: newId(), eventTime: now, eventSource: "s3.amazonaws.com", eventName: "PutObject", userIdentity: { type: "AssumedRole", accessKeyId: key, principalId: "AROA:other" }, resources: [{ ARN: "arn:aws:s3:::shop/1" }] });
    const issue = JSON.stringify({ eventID: newId(), eventTime: now, eventSource: "sts.amazonaws.com", eventName: "AssumeRole", requestParameters: { roleSessionName: live.grantId }, responseElements: { credentials: { accessKeyId: key, sessionToken: "FAKE-DROP-ME" } } });
    await send(sourceId, put);
    expect((await usesOf({ sourceId }))[0]).toMatchObject({ grantId: null, match: null });
    await send(sourceId, issue);
    const uses = await usesOf({ sourceId });
    expect(uses.map(({ action, match, rule, grantId }) => [action, match, rule, grantId]).sort()).toEqual([
      ["s3:PutObject", "exact", "aws-access-key", live.grantId],
      ["sts:AssumeRole", "strong", "aws-role-session-name", live.grantId],
    ]);
    expect(JSON.stringify(await db.$queryRaw`select m::text from session_markers m`)).not.toContain("FAKE-DROP-ME");
  });

  it("GitHub: a token whose hash is remembered later finds its uses", async () => {
    const live = await world.live();
    const sourceId = await source("github-audit");
    const token = `h${newId()}=`;
    await send(sourceId, JSON.stringify({ _document_id: newId(), "@timestamp": Date.now() + 50, action: "git.clone", actor: "ci-bot", repo: "acme/shop", hashed_token: token }));
    expect((await usesOf({ sourceId }))[0]?.grantId).toBeNull();
    expect(await inTransaction((tx, now) => rememberMarkers(tx, { grantId: live.grantId, systemId: world.systemId, markers: [`github-token:${token}`], now }))).toHaveLength(1);
    expect((await usesOf({ sourceId }))[0]).toMatchObject({ grantId: live.grantId, match: "exact", rule: "github-token-hash" });
  });

  it("a session that is known later gets what was waiting for it", async () => {
    const live = await world.live();
    const user = await login(live);
    const sourceId = await source();
    // What PostgreSQL was asked to issue is kept with the issue itself.
    expect(await db.sessionMarker.findMany({ where: { grantId: live.grantId }, select: { marker: true } })).toEqual([{ marker: `login:${user}` }]);
    await db.sessionMarker.deleteMany({ where: { grantId: live.grantId } });
    await db.grant.update({ where: { id: live.grantId }, data: { handleName: null } });
    await send(sourceId, line({ user, at: soon(50), message: "statement: select 1 from late_known" }));
    expect((await usesOf({ sourceId }))[0]?.grantId).toBeNull();
    await db.grant.update({ where: { id: live.grantId }, data: { handleName: user } });
    await matchWaiting();
    expect((await usesOf({ sourceId }))[0]).toMatchObject({ grantId: live.grantId, match: "exact" });
    expect((await world.grant(live.grantId)).firstUseAt).toEqual((await usesOf({ sourceId }))[0]?.startedAt);
    expect(await world.events("grant", live.grantId, "grant.first-used")).toHaveLength(1);
  });
});

describe("how far a source has reported", () => {
  it("goes by its lines and by what a machine says; what comes too late is an event that names source and grant", async () => {
    const live = await world.live();
    const user = await login(live);
    const sourceId = await source("postgres-jsonlog", { lagSeconds: 0 });
    const { activatedAt } = await world.grant(live.grantId);
    const start = activatedAt ?? new Date();
    await send(sourceId, line({ user: "somebody", at: new Date(start.getTime() - 60_000), message: "statement: select 1" }));
    const until = new Date(start.getTime() + 5_000);
    await db.source.update({ where: { id: sourceId }, data: { watermark: until } });
    await db.chainCheck.create({ data: { requestId: live.requestId, state: "complete", waitsFor: [], lookedAt: until, sealedAt: until } });
    const late = line({ user, at: new Date(start.getTime() + 1_000), number: 9, message: "statement: select secret from late_table" });
    expect(await send(sourceId, late)).toMatchObject({ usesKept: 1, usesLate: 1 });
    const [event] = await world.events("grant", live.grantId, "use.arrived-late");
    expect(event?.data).toMatchObject({ sourceId, uses: 1, watermark: until.toISOString() });
    await send(sourceId, late);
    expect(await world.events("grant", live.grantId, "use.arrived-late")).toHaveLength(1);
    expect(await world.events("request", live.requestId, "chain.seal-broken")).toMatchObject([{ data: { sourceId } }]);
    expect((await db.chainCheck.findUniqueOrThrow({ where: { requestId: live.requestId } })).brokenAt).not.toBeNull();
    expect((await usesOf({ sourceId })).map(({ isLate }) => isLate)).toContain(true);
  });

  it("a machine's heartbeat moves it, never into the future, and says that nothing was used", async () => {
    const sourceId = await source();
    const made = await makeSourceToken({ actor: world.people.ada, sourceId, name: "shipper", days: 1 });
    if (!made.ok) throw new Error(made.code);
    const sender = await authenticateUsesSender(`Bearer ${made.value.token}`);
    expect(sender).toMatchObject({ ok: true, value: { sourceId } });
    const beat = await receiveUses({ sourceId, sender: "shipper", body: bytes(""), completeUntil: soon(3_600_000) });
    expect(beat).toMatchObject({ ok: true, value: { state: "complete", linesRead: 0 } });
    const [reported] = (await sourceWatermarks(world.systemId)).filter((each) => each.sourceId === sourceId);
    expect(reported?.kind).toBe("log");
    expect(reported?.watermark?.getTime()).toBeLessThanOrEqual(Date.now());
    const sources = (await readCoverage([world.systemId])).get(world.systemId) ?? [];
    const [from, end] = [reported?.watermark ?? new Date(), reported?.watermark ?? new Date()];
    expect(noUseSaid(sources, { from, until: end }).say).not.toBe("not-seen");
    await withdrawSourceToken({ actor: world.people.ada, tokenId: made.value.tokenId });
    expect(await authenticateUsesSender(`Bearer ${made.value.token}`)).toMatchObject({ ok: false, status: 401 });
    expect(JSON.stringify(await db.sourceToken.findMany())).not.toContain(made.value.token);
  });

  it("a closed one takes nothing and is waited for no more", async () => {
    const sourceId = await source();
    expect(await closeSource({ actor: world.people.ada, sourceId })).toMatchObject({ ok: true });
    expect(await receiveLog({ actor: world.people.ada, sourceId, name: "x", body: bytes("x") })).toMatchObject({ ok: false, code: "unknown-source" });
    expect((await sourceWatermarks(world.systemId)).map((each) => each.sourceId)).not.toContain(sourceId);
  });
});

describe("uses that no session explains", () => {
  it("say that a standing credential is at work, and wait to be judged", async () => {
    const { identityId } = await world.grant((await world.live()).grantId);
    const sourceId = await source();
    const credential = { id: newId(), identityId, systemId: world.systemId, handle: "standing_login", targetId: newId(), kind: "password", firstSeenAt: new Date(), lastSeenAt: new Date(), facts: {}, usesToJudge: false };
    await db.credential.create({ data: credential });
    const longAgo = soon(-200 * 3_600_000);
    await send(sourceId, line({ user: "standing_login", at: longAgo, message: "statement: select 1", session: "a.1" }) + line({ user: "unknown_to_all", at: longAgo, message: "statement: select 1", session: "a.3" }));
    expect((await usesOf({ sourceId })).map(({ grantId }) => grantId)).toEqual([null, null]);
    expect(await db.credential.findUniqueOrThrow({ where: { id: credential.id } })).toMatchObject({ lastUsedAt: longAgo, usesToJudge: true });
  });

  it("make a chain that was complete be looked at again, where they are its session’s", async () => {
    const live = await world.live();
    const user = await login(live);
    const sourceId = await source();
    const at = new Date();
    await db.chainCheck.create({ data: { requestId: live.requestId, state: "complete", waitsFor: [], lookedAt: at, sealedAt: at } });
    await send(sourceId, line({ user, at: soon(3_600_000), message: "statement: select 1", session: "a.9" }));
    expect((await db.chainCheck.findUniqueOrThrow({ where: { requestId: live.requestId } })).lookAgainAt).not.toBeNull();
  });

  it("a standing credential used while its identity has a session is only inferred to belong to it", async () => {
    const live = await world.live({ identityId: await world.identity({ ownerId: world.people.olga.personId }) });
    const sourceId = await source();
    const { identityId } = await world.grant(live.grantId);
    const handle = `svc_${newId().slice(-8)}`;
    await db.credential.create({ data: { id: newId(), identityId, systemId: world.systemId, handle, targetId: newId(), kind: "password", firstSeenAt: new Date(), lastSeenAt: new Date(), facts: {} } });
    await send(sourceId, line({ user: handle, at: soon(20), message: "statement: select 1", session: "b.1" }));
    expect((await usesOf({ sourceId }))[0]).toMatchObject({ grantId: live.grantId, match: "inferred", rule: "account-and-time" });
    expect((await world.grant(live.grantId)).firstUseAt).toBeNull();
  });
});

describe("the log that Curfew reads itself", () => {
  const readable = (records: readonly { readonly at: Date; readonly text: string }[], more = false, visibleSince: Date | null = null) =>
    ({ readable: true, signIns: [], position: null, visibleSince, more, own: { format: "jsonlog", records } }) as const;
  const live = async () => db.source.findFirstOrThrow({ where: { systemId: world.systemId, isLive: true, kind: "log" } });

  it("has reported everything up to when it was asked once it was read to its end, begins anew behind a gap, and says why it cannot be read", async () => {
    const session = await world.live();
    const user = await login(session);
    const text = line({ user, at: new Date(0), session: "d.1", number: 2, message: "statement: select 1 from live_log" }).trim();
    const [asked, at] = [new Date(), soon(5)];
    await takeServerLog(world.systemId, readable([{ at, text }], true), asked);
    expect((await live()).watermark).toBeNull();
    await takeServerLog(world.systemId, readable([{ at, text }]), asked);
    expect(await live()).toMatchObject({ watermark: asked, usesKept: 1n, linesRepeated: 1n, lastError: null });
    expect((await usesOf({ grantId: session.grantId }))[0]).toMatchObject({ startedAt: at, match: "exact", objects: ["live_log"] });
    const gap = soon(60_000);
    await takeServerLog(world.systemId, readable([], false, gap), asked);
    expect(await live()).toMatchObject({ coversFrom: gap, watermark: asked });
    await takeServerLog(world.systemId, { readable: false, why: "the server does not log sign-ins", remedy: null }, new Date());
    expect(await live()).toMatchObject({ lastError: "the server does not log sign-ins", watermark: asked });
  });
});

describe("looks at open connections", () => {
  it("have reported everything while no session lives, and only then", async () => {
    const systemId = newId();
    await db.system.create({ data: { id: systemId, name: `looked at ${systemId}`, connector: "files@1", environment: "test", config: {}, createdAt: new Date() } });
    const hourAgo = new Date(Date.now() - 3_600_000);
    await inTransaction((tx) => polledSource(tx, systemId, hourAgo));
    await inTransaction((tx) => polledSource(tx, world.systemId, hourAgo));
    await world.live();
    await noteNothingToSee();
    const watermarkOf = async (id: string) => (await sourceWatermarks(id)).find(({ kind }) => kind === "polled")?.watermark?.getTime();
    expect(await watermarkOf(systemId)).toBeGreaterThan(hourAgo.getTime());
    expect(await watermarkOf(world.systemId)).toBe(hourAgo.getTime());
  });
});

describe("a watched folder", () => {
  it("is read on from where it stood, through rotation, cuts and restarts", async () => {
    const live = await world.live();
    const user = await login(live);
    const folder = `pg-${newId().slice(-8)}`;
    const sourceId = await source("postgres-jsonlog", { folder });
    const dir = path.join(root, folder);
    await readFolder(sourceId, root);
    expect((await readSource(sourceId, new Date()))?.lastError).toContain("ENOENT");
    await mkdir(dir);
    const statement = (number: number, session = "c.1") => line({ user, at: soon(number), session, number, message: `statement: select ${number} from t` });
    await writeFile(path.join(dir, "a.json"), statement(1) + statement(2) + statement(3).slice(0, 40));
    await readFolder(sourceId, root);
    expect(await usesOf({ sourceId })).toHaveLength(2);
    await appendFile(path.join(dir, "a.json"), statement(3).slice(40));
    await rename(path.join(dir, "a.json"), path.join(dir, "a.json.1"));
    await writeFile(path.join(dir, "a.json"), `${statement(4)}broken\n`);
    await readFolder(sourceId, root);
    await readFolder(sourceId, root);
    expect(await usesOf({ sourceId })).toHaveLength(4);
    await truncate(path.join(dir, "a.json"), 0);
    await appendFile(path.join(dir, "a.json"), statement(1, "c.2"));
    await readFolder(sourceId, root);
    const view = await readSource(sourceId, new Date());
    expect(view).toMatchObject({ usesKept: 5, linesRead: 6, linesRejected: 1, linesRepeated: 0, lastError: null });
    expect(view?.rejections[0]).toMatchObject({ place: "a.json", line: 2 });
    expect(view?.watermark).not.toBeNull();
  });
});
