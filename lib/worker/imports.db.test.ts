import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { connectSystem } from "@/lib/connectors/connect";
import { db } from "@/lib/db/client";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { applyImport } from "@/lib/imports/apply";
import { compareImport } from "@/lib/imports/compare";
import { readForSender } from "@/lib/imports/data";
import { noteInterrupted, receiveFile, silentAfterMs } from "@/lib/imports/intake";
import { confirmImport, discardImport } from "@/lib/imports/mutations";
import { limits } from "@/lib/imports/rules";
import { authenticateSender, makeImportToken, withdrawImportToken } from "@/lib/imports/tokens";
import { readEventsAbout } from "@/lib/ledger/read";
import { newId } from "@/lib/platform/ids";
import { readSystem } from "@/lib/systems/data";
import { applyImportTask } from "./tasks/imports";
import { reconcileSystems } from "./reconcile";
import { lookAfterSystems } from "./watch";
import { administrator, announce, apply, changesOf, identitiesOf, pieces, send, view } from "@/lib/imports/test-sending";

const folder = "scripts/test/files";
const fixture = (name: string) => readFileSync(`${folder}/${name}`);
let ada: PersonActor;

beforeAll(async () => {
  ada = await administrator();
});

const plain = `id,name,kind,environment,credential_id,credential_last_used_at,entitlement
a1,billing-sync,service-account,production,key-1,2026-01-05,orders: read
a1,billing-sync,service-account,production,key-2,,orders: write
b2,report-bot,bot,staging,,,
`;

describe("an import of the plain format", () => {
  it("shows what would change before anything has, and changes exactly that when confirmed", async () => {
    const sent = await send("curfew-csv", plain);
    expect(sent.view).toMatchObject({ state: "ready", linesRead: 3, linesRejected: 0 });
    expect(sent.view.counts?.changes).toEqual({ identity: { appeared: 2 }, credential: { appeared: 2 }, entitlement: { appeared: 2 }, assignment: { appeared: 2 } });
    expect(await identitiesOf(sent.systemId)).toEqual([]);
    expect(await apply(sent.importId)).toMatchObject({ state: "applied", confirmedBy: "Ada" });
    const [billing, bot] = await identitiesOf(sent.systemId);
    expect(billing).toMatchObject({ name: "billing-sync", state: "unowned", source: "import", externalKey: "a1", scoredAt: null, lastActiveAt: new Date("2026-01-05") });
    expect(billing?.credentials.map(({ handle, lastUsedAt }) => [handle, lastUsedAt?.toISOString() ?? null])).toEqual([["key-1", "2026-01-05T00:00:00.000Z"], ["key-2", null]]);
    expect(billing?.assignments.map(({ kind, entitlement }) => [kind, entitlement.name, entitlement.requestable, entitlement.sensitivity]).sort()).toEqual([
      ["standing", "orders: read", false, "critical"],
      ["standing", "orders: write", false, "critical"],
    ]);
    expect(bot).toMatchObject({ kind: "bot", environment: "staging" });
    const told = await readEventsAbout("system", sent.systemId);
    expect(told.map(({ type }) => type)).toEqual(["system.connected", "import.received", "import.confirmed", "import.applied"]);
    expect(told.at(-1)?.data).toMatchObject({ identities: 2, appeared: 8, changed: 0, vanished: 0, sha256: sent.view.sha256, digest: sent.view.digest, confirmedById: ada.personId });
    expect(await db.importRow.count({ where: { importId: sent.importId } })).toBe(0);
  });

  it("finds nothing to change in the same file, even packed or with its lines in another order", async () => {
    const { importId, systemId } = await send("curfew-csv", plain);
    await apply(importId);
    const before = JSON.stringify(await identitiesOf(systemId));
    const [head = "", ...lines] = plain.trim().split("\n");
    for (const again of [plain, gzipSync(plain), [head, ...lines.reverse()].join("\r\n")]) {
      expect((await send("curfew-csv", again, { systemId })).view).toMatchObject({ state: "unchanged", changes: 0 });
    }
    expect(JSON.stringify(await identitiesOf(systemId))).toBe(before);
  });

  it("keeps and marks what a complete file no longer lists, and brings it back", async () => {
    const { importId, systemId } = await send("curfew-csv", plain);
    await apply(importId);
    const shorter = plain.split("\n").slice(0, 2).join("\n");
    const part = await send("curfew-csv", shorter, { systemId, isComplete: false });
    expect(part.view.state).toBe("unchanged");
    const whole = await send("curfew-csv", shorter, { systemId });
    expect(whole.view.counts?.changes).toEqual({ identity: { vanished: 1 }, credential: { vanished: 1 }, entitlement: { vanished: 1 }, assignment: { vanished: 1 } });
    await apply(whole.importId);
    const [billing, bot] = await identitiesOf(systemId);
    expect(bot?.vanishedAt).not.toBeNull();
    expect(billing?.credentials.map(({ vanishedAt }) => vanishedAt === null)).toEqual([true, false]);
    expect(billing?.assignments.filter(({ endedAt }) => endedAt === null)).toHaveLength(1);
    const back = await send("curfew-csv", plain, { systemId });
    expect(back.view.counts?.changes).toEqual({ identity: { returned: 1 }, credential: { returned: 1 }, entitlement: { returned: 1 }, assignment: { returned: 1 } });
    await apply(back.importId);
    expect((await identitiesOf(systemId)).map(({ vanishedAt }) => vanishedAt)).toEqual([null, null]);
  });

  it("shows a change with what was before, and writes only what differs", async () => {
    const { importId, systemId } = await send("curfew-csv", "id,name,description,tags\nx,svc,old words,one\n");
    await apply(importId);
    await db.identity.updateMany({ where: { systemId }, data: { tags: ["one", "by-hand"] } });
    const next = await send("curfew-csv", "id,name,description,tags\nx,svc,new words,two\n", { systemId });
    expect(await changesOf(next.importId)).toMatchObject([{ kind: "identity", change: "changed", name: "svc", fields: expect.arrayContaining([{ field: "description", before: "old words", after: "new words" }]) as unknown }]);
    await apply(next.importId);
    expect((await identitiesOf(systemId))[0]).toMatchObject({ description: "new words", tags: ["by-hand", "two"] });
  });

  it("takes one line of several that contradict each other, and says which it did not take", async () => {
    const { view: seen, importId } = await send("curfew-csv", "id,name,kind\nx,svc,bot\nx,svc,workload\nx,svc,bot\n");
    expect(seen).toMatchObject({ state: "ready", linesRejected: 1, rejections: [{ line: 3, code: "duplicate", about: "svc" }] });
    expect(await changesOf(importId)).toMatchObject([{ kind: "identity", name: "svc" }]);
  });

  it("neither applies what was discarded nor what was shown differently", async () => {
    const { importId, systemId } = await send("curfew-csv", plain);
    expect(await confirmImport({ actor: ada, importId, digest: "0".repeat(64) })).toMatchObject({ ok: false, code: "changed-since" });
    expect(await discardImport({ actor: ada, importId })).toMatchObject({ ok: true });
    expect(await confirmImport({ actor: ada, importId, digest: "0".repeat(64) })).toMatchObject({ ok: false, code: "not-ready" });
    await applyImport(importId);
    expect(await identitiesOf(systemId)).toEqual([]);
  });

  it("compares anew where another file was applied since the differences were shown", async () => {
    const first = await send("curfew-csv", plain);
    const second = await send("curfew-csv", plain, { systemId: first.systemId });
    await apply(first.importId);
    const { digest } = second.view;
    await confirmImport({ actor: ada, importId: second.importId, digest: digest ?? "" });
    await applyImport(second.importId);
    expect((await view(second.importId)).state).toBe("comparing");
    await compareImport(second.importId);
    expect((await view(second.importId)).state).toBe("unchanged");
  });
});

describe("an import that cannot be taken", () => {
  it("is refused before any of it is read where its sender says that it is larger than a file may be", async () => {
    const { importId } = await announce("curfew-csv");
    let isRead = false;
    async function* body(): AsyncGenerator<Uint8Array> {
      isRead = true;
      yield await Promise.resolve(Buffer.from(plain));
    }
    const answer = await receiveFile({ actor: ada, importId, body: body(), declared: limits.bytes + 1 });
    expect(answer).toMatchObject({ ok: true, value: { state: "failed", failure: "too-large", linesRead: 0 } });
    expect(isRead).toBe(false);
    expect(await view(importId)).toMatchObject({ state: "failed", failure: "too-large", failureDetail: { limit: limits.bytes } });
  });

  it("is interrupted where its sender breaks off, keeps nothing, and can be sent again", async () => {
    const { importId, systemId } = await announce("curfew-csv");
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(plain);
      await Promise.resolve();
      throw new TypeError("socket closed");
    }
    expect(await receiveFile({ actor: ada, importId, body: broken() })).toMatchObject({ ok: true, value: { state: "interrupted" } });
    expect(await db.importRow.count({ where: { importId } })).toBe(0);
    expect(await receiveFile({ actor: ada, importId, body: pieces(Buffer.from(plain)) })).toMatchObject({ ok: true, value: { state: "comparing", linesRead: 3 } });
    await compareImport(importId);
    await apply(importId);
    expect(await identitiesOf(systemId)).toHaveLength(2);
    expect(await receiveFile({ actor: ada, importId, body: pieces(Buffer.from(plain)) })).toMatchObject({ ok: false, code: "not-waiting" });
  });

  it("says what a file looks like that was sent as another format", async () => {
    const { view: seen } = await send("curfew-csv", fixture("aws-credential-report.csv"));
    expect(seen).toMatchObject({ state: "failed", failure: "wrong-format", failureDetail: { chosen: "curfew-csv", found: "aws-credential-report" } });
    expect(await readEventsAbout("system", (await view(seen.id)).system.id)).toMatchObject([{ type: "system.connected" }, { type: "import.failed", data: { code: "wrong-format" } }]);
  });
});

describe("an import of many lines", () => {
  const many = (lines: number) => `id,name,credential_id,entitlement\n${Array.from({ length: lines }, (_, n) => `s${n},service ${n},k${n},group ${n % 7}`).join("\n")}\n`;

  it("is applied as a whole by whichever worker finishes it, and once only", async () => {
    const sent = await send("curfew-csv", many(3_000));
    await confirmImport({ actor: ada, importId: sent.importId, digest: sent.view.digest ?? "" });
    // Two workers at it at once, as when one was taken for dead.
    await Promise.all([applyImport(sent.importId), applyImport(sent.importId)]);
    expect((await view(sent.importId)).state).toBe("applied");
    expect(await db.identity.count({ where: { systemId: sent.systemId } })).toBe(3_000);
    expect(await db.assignment.count({ where: { entitlement: { systemId: sent.systemId } } })).toBe(3_000);
    expect((await readEventsAbout("system", sent.systemId)).filter(({ type }) => type === "import.applied")).toHaveLength(1);
  });

  it("leaves nothing half-done where its worker dies in the middle, and is taken up again", async () => {
    const sent = await send("curfew-csv", many(3_000));
    await confirmImport({ actor: ada, importId: sent.importId, digest: sent.view.digest ?? "" });
    // The last statement of the application cannot pass: as if the worker died just before it.
    const waiting = "from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%delete from import_rows%' and datname = current_database()";
    // Two connections: inside a transaction the view of what others do stands still.
    await withClient(superuserUrl(), (root) =>
      withClient(superuserUrl(), async (holder) => {
        await holder.query("begin");
        await holder.query("lock table import_rows in share mode");
        const applying = expect(applyImport(sent.importId)).rejects.toThrow();
        await expect.poll(async () => (await root.query(`select 1 ${waiting}`)).rowCount, { timeout: 20_000 }).toBe(1);
        await root.query(`select pg_terminate_backend(pid) ${waiting}`);
        await applying;
        await holder.query("rollback");
      }),
    );
    expect(await db.identity.count({ where: { systemId: sent.systemId } })).toBe(0);
    expect((await view(sent.importId)).state).toBe("applying");
    await applyImportTask({ importId: sent.importId });
    expect((await view(sent.importId)).state).toBe("applied");
    expect(await db.identity.count({ where: { systemId: sent.systemId } })).toBe(3_000);
  });

  it("is told to be interrupted where its sender's process is gone", async () => {
    const { importId } = await announce("curfew-csv");
    await db.import.update({ where: { id: importId }, data: { state: "receiving", progressAt: new Date(Date.now() - silentAfterMs - 1_000) } });
    await noteInterrupted();
    expect((await view(importId)).state).toBe("interrupted");
    expect(await receiveFile({ actor: ada, importId, body: pieces(Buffer.from(plain)) })).toMatchObject({ ok: true, value: { state: "comparing" } });
  });
});

describe("a machine's token", () => {
  it("sends about its system only, is kept as a hash, and ends", async () => {
    const { systemId } = await send("curfew-csv", plain);
    const made = await makeImportToken({ actor: ada, systemId, name: "nightly", days: 1 });
    if (!made.ok) throw new TypeError(made.code);
    const { token, tokenId } = made.value;
    expect(await authenticateSender(`Bearer ${token}`)).toMatchObject({ ok: true, value: { id: tokenId, systemId } });
    expect(await authenticateSender(`Bearer ${token.slice(0, -1)}x`)).toMatchObject({ ok: false, status: 401 });
    expect(JSON.stringify(await db.importToken.findMany(), (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value))).not.toContain(token);
    const foreign = await send("curfew-csv", plain);
    expect(await readForSender(foreign.importId, systemId)).toBeNull();
    await withdrawImportToken({ actor: ada, tokenId });
    expect(await authenticateSender(`Bearer ${token}`)).toMatchObject({ ok: false, code: "token-unknown" });
    expect(await makeImportToken({ actor: ada, systemId: newId(), name: "nightly", days: 1 })).toMatchObject({ ok: false, code: "unknown-system" });
  });
});

describe("a system that is known from files", () => {
  it("is neither checked nor discovered, and says what it cannot do", async () => {
    const { systemId } = await send("curfew-csv", plain);
    await lookAfterSystems();
    await reconcileSystems();
    const queued = await db.$queryRaw<{ count: number }[]>`select count(*)::int as count from graphile_worker.jobs where key in (${`check-system:${systemId}`}, ${`discover-system:${systemId}`})`;
    expect(queued).toEqual([{ count: 0 }]);
    await expect(connectSystem(systemId)).rejects.toMatchObject({ transient: false });
    expect(await readSystem(systemId)).toMatchObject({ isFromFiles: true, capabilities: { probe: false, discover: false } });
  });
});
