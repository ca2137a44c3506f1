import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { readEventsAbout } from "@/lib/ledger/read";
import { behindItsBack } from "@/lib/ledger/tree/test-ledger";
import { makePerson } from "@/lib/requests/test-world";
import { lookAfterExports, runExportTask } from "./tasks/exports";
import { cancelExport, mostOpen, noteDownload, requestExport } from "@/lib/evidence/mutations";
import { everything } from "@/lib/evidence/schema";
import { bytesOf } from "@/lib/evidence/test-archive";
import { exportBytes, listExports, readExportFile, readOwnProgress } from "@/lib/evidence/views/exports";
import { appendPart, beginExport, claimExport, finishExport, noteProgress, Superseded, type Attempt } from "@/lib/evidence/exports/keeping";
import { sceneOfChains } from "@/lib/evidence/exports/test-scene";

let aurel: PersonActor;
let nora: PersonActor;

beforeAll(async () => {
  ({ auditor: aurel } = await sceneOfChains());
  nora = await makePerson("Nora", ["auditor"]);
}, 60_000);

const row = (id: string) => db.export.findUniqueOrThrow({ where: { id } });
const parts = (exportId: string) => db.exportPart.count({ where: { exportId } });
const typesOf = async (id: string) => (await readEventsAbout("export", id)).map(({ type }) => type);
const list = async (actor: PersonActor) => (await listExports({ sort: { key: "requested", direction: "desc" }, after: null, before: null }, actor)).rows;

async function asked(actor: PersonActor): Promise<string> {
  const answer = await requestExport({ actor, filter: everything, format: "csv" });
  if (!answer.ok) throw new TypeError(answer.code);
  return answer.value.exportId;
}

async function claimed(exportId: string): Promise<Attempt> {
  const attempt = await claimExport(exportId);
  if (!attempt) throw new TypeError("there was no room for the export");
  return attempt;
}

const counts = { rows: 3, requests: 3, grants: 0, refusedAsks: 0, byState: {}, byGrantState: {}, byEndReason: {} };
const piece = new Uint8Array(1_024).fill(7);

/** An export that a worker has begun and written something of. */
async function halfWritten(actor: PersonActor) {
  const exportId = await asked(actor);
  const attempt = await claimed(exportId);
  await beginExport(attempt, { filter: {}, asOf: 10n, counts });
  await appendPart(attempt, { number: 0, bytes: piece, rowsDone: 1 });
  return { exportId, attempt };
}

describe("an export as a job", () => {
  it("is queued with its event and its job at once, and written by the worker's task", async () => {
    const exportId = await asked(aurel);
    expect(await row(exportId)).toMatchObject({ state: "queued", asOf: null, attempt: 0, rowsTotal: null });
    const jobs = await withClient(superuserUrl(), (client) => client.query("select 1 from graphile_worker.jobs where key = $1", [`run-export:${exportId}`]));
    expect(jobs.rowCount).toBe(1);
    await runExportTask({ exportId });
    const done = await row(exportId);
    expect(done).toMatchObject({ state: "complete", rows: 7, rowsDone: 7, attempt: 1 });
    expect(Math.round(((done.expiresAt?.getTime() ?? 0) - (done.finishedAt?.getTime() ?? 0)) / 86_400_000)).toBe(7);
    // A job that comes a second time finds nothing to do.
    await runExportTask({ exportId });
    expect(await typesOf(exportId)).toEqual(["evidence.export-requested", "evidence.exported", "evidence.export-finished"]);
  });

  it("says how far it is, to whom it belongs only, and to everybody who may see the list that it is there", async () => {
    const { exportId } = await halfWritten(aurel);
    expect((await readOwnProgress(aurel)).find(({ id }) => id === exportId)).toMatchObject({ state: "running", rowsDone: 1, rowsTotal: 3 });
    expect((await readOwnProgress(nora)).some(({ id }) => id === exportId)).toBe(false);
    expect((await list(nora)).find(({ id }) => id === exportId)).toMatchObject({ by: "Aurel", isOwn: false, state: "running", asOf: "10" });
    await cancelExport({ actor: aurel, exportId });
  });

  it("waits while as many run as may: one of a person, two of all; and goes on as soon as there is room", async () => {
    const third = await makePerson("Theo", ["auditor"]);
    const [first, second, other, last] = [await asked(aurel), await asked(aurel), await asked(nora), await asked(third)];
    await claimed(first);
    expect(await claimExport(second), "a second one of one person").toBeNull();
    await claimed(other);
    expect(await claimExport(last), "a third one of all").toBeNull();
    expect(await row(last)).toMatchObject({ state: "queued" });
    await cancelExport({ actor: aurel, exportId: first });
    expect(await claimExport(last)).not.toBeNull();
    for (const [actor, exportId] of [[aurel, second], [nora, other], [third, last]] as const) await cancelExport({ actor, exportId });
  });

  it("refuses to queue without end", async () => {
    const eager = await makePerson("Ede", ["auditor"]);
    const answers = await Promise.all(Array.from({ length: mostOpen + 2 }, () => requestExport({ actor: eager, filter: everything, format: "csv" })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(mostOpen);
    expect(answers.filter(({ ok }) => !ok)).toEqual([{ ok: false, code: "too-many-exports" }, { ok: false, code: "too-many-exports" }]);
    for (const answer of answers) if (answer.ok) await cancelExport({ actor: eager, exportId: answer.value.exportId });
  });

  it("writes nothing for somebody who lost the role while it waited", async () => {
    const gone = await makePerson("Gerd", ["auditor"]);
    const exportId = await asked(gone);
    await db.personRole.deleteMany({ where: { personId: gone.personId } });
    await runExportTask({ exportId });
    expect(await row(exportId)).toMatchObject({ state: "failed", failure: "no-permission" });
    expect(await parts(exportId)).toBe(0);
  });
});

describe("a try that is not the newest any more", () => {
  it("keeps nothing once the export was cancelled, and finds that out at its next piece", async () => {
    const { exportId, attempt } = await halfWritten(aurel);
    expect(await cancelExport({ actor: nora, exportId })).toEqual({ ok: false, code: "not-found" });
    expect(await cancelExport({ actor: aurel, exportId })).toEqual({ ok: true, value: { state: "cancelled" } });
    expect(await parts(exportId)).toBe(0);
    await expect(appendPart(attempt, { number: 1, bytes: piece, rowsDone: 2 })).rejects.toBeInstanceOf(Superseded);
    await expect(noteProgress(attempt, 2)).rejects.toBeInstanceOf(Superseded);
    await expect(finishExport(attempt, { rows: 3, bytes: 2_048n, sha256: "00", fileName: "x.zip", card: "{}" })).rejects.toBeInstanceOf(Superseded);
    expect(await row(exportId)).toMatchObject({ state: "cancelled" });
    expect(await parts(exportId)).toBe(0);
    expect(await cancelExport({ actor: aurel, exportId })).toEqual({ ok: false, code: "not-open" });
    expect((await typesOf(exportId)).at(-1)).toBe("evidence.export-cancelled");
  });

  it("is thrown away whole when its worker was killed, and the export is written anew", async () => {
    const exportId = await asked(aurel);
    // A worker of its own, dead in the middle: it took the turn, began and wrote a piece.
    const killed = await killedWorker(exportId);
    expect(killed).toBe("SIGKILL");
    expect(await row(exportId)).toMatchObject({ state: "running", attempt: 1 });
    expect(await parts(exportId)).toBe(1);
    await lookAfterExports();
    await runExportTask({ exportId });
    const done = await row(exportId);
    expect(done).toMatchObject({ state: "complete", attempt: 2, rows: 7 });
    const bytes = await bytesOf(exportBytes({ id: exportId, attempt: 2 }));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(done.sha256);
    expect(await db.exportPart.count({ where: { exportId, attempt: 1 } })).toBe(0);
  });

  it("gives up after some of them", async () => {
    const exportId = await asked(aurel);
    for (let number = 1; number <= 5; number += 1) expect(await claimExport(exportId)).toMatchObject({ number });
    expect(await claimExport(exportId)).toBeNull();
    expect(await row(exportId)).toMatchObject({ state: "failed", failure: "broke-off-again" });
  });
});

/** Runs a worker's task in a process of its own that is killed once its first piece is stored. */
function killedWorker(exportId: string): Promise<string | null> {
  const script = `
    const { claimExport, beginExport, appendPart } = await import("./lib/evidence/exports/keeping.ts");
    const { inTurn } = await import("./lib/worker/turn.ts");
    await inTurn("export:${exportId}", async () => {
      const attempt = await claimExport("${exportId}");
      await beginExport(attempt, { filter: {}, asOf: 1n, counts: ${JSON.stringify(counts)} });
      await appendPart(attempt, { number: 0, bytes: new Uint8Array(100), rowsDone: 1 });
      process.kill(process.pid, "SIGKILL");
      await new Promise(() => undefined);
    });`;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ["--conditions=react-server", "--import", "tsx", "--input-type=module", "--eval", script], { timeout: 60_000 });
    child.on("exit", (_code, signal) => resolve(signal));
  });
}

describe("a file that is kept", () => {
  it("is taken by whoever asked for it and nobody else, and each time is an event", async () => {
    const exportId = await asked(nora);
    await runExportTask({ exportId });
    expect(await readExportFile(exportId, aurel)).toBeNull();
    const file = await readExportFile(exportId, nora);
    expect(file?.fileName).toMatch(/^curfew-evidence-\d{4}-\d\d-\d\d-at-\d+\.zip$/);
    await noteDownload({ actor: nora, exportId }, file?.sha256 ?? "");
    expect((await readEventsAbout("export", exportId)).at(-1)).toMatchObject({ type: "evidence.export-downloaded", data: { sha256: file?.sha256 } });
  });

  it("is removed when its time is over; that it was there, and its hash, stay", async () => {
    const exportId = await asked(aurel);
    await runExportTask({ exportId });
    expect(await parts(exportId)).toBe(1);
    await lookAfterExports();
    expect(await row(exportId)).toMatchObject({ state: "complete" });
    await db.export.update({ where: { id: exportId }, data: { expiresAt: new Date(Date.now() - 1_000) } });
    expect(await readExportFile(exportId, aurel)).toBeNull();
    await lookAfterExports();
    expect(await parts(exportId)).toBe(0);
    expect(await row(exportId)).toMatchObject({ state: "expired", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await typesOf(exportId)).at(-1)).toBe("evidence.export-expired");
  });
});

describe("a ledger that was changed behind Curfew's back", () => {
  it("is found by the next export, which says where and gives no file", async () => {
    await runExportTask({ exportId: await asked(aurel) });
    await behindItsBack("update ledger.event set body = convert_to(replace(convert_from(body, 'UTF8'), 'person', 'Person'), 'UTF8') where id = (select event_id from ledger.entry where position = 3)");
    const exportId = await asked(aurel);
    await runExportTask({ exportId });
    expect(await row(exportId)).toMatchObject({ state: "failed", failure: "ledger-fault:event-changed:3" });
    expect(await parts(exportId)).toBe(0);
  });
});
