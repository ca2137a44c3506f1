import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/transaction";
import { logVerifierKeys, makeKey } from "./keys";
import { checkpointNow, checkpointOf, latestCheckpoint } from "./proofs";
import { parseTilePath, readTilePart } from "./serve";
import { attacks, behindItsBack, eventAt, forgedBody, growLedger, keepAside, leafOf, putBack } from "./test-ledger";
import { takeTreeTurn } from "./tiles";

const [inTile, inTail, size] = [300, 580, 600];
let server: Server;
let folder = "";
let url = "";
let states = 0;

/** What the routes below /api/log answer, without their door. */
async function answer(asked: string): Promise<Uint8Array | string | null> {
  if (asked === "/checkpoint") return (await latestCheckpoint())?.note ?? null;
  if (asked === "/keys") {
    const keys = await logVerifierKeys();
    const given = await Promise.all(keys.map(async ({ vkey, from }) => ({ vkey, announcedIn: from === 0n ? null : ((await checkpointOf(from))?.note ?? null) })));
    return JSON.stringify({ keys: given });
  }
  const part = asked.startsWith("/tile/") ? parseTilePath(asked.slice("/tile/".length).split("/")) : null;
  return part && readTilePart(part);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "curfew-monitor-"));
  server = createServer((request, response) => {
    void answer(request.url ?? "").then(
      (body) => response.writeHead(body === null ? 404 : 200).end(body ?? ""),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await checkpointNow();
  for (const step of [250, 100]) {
    await growLedger(step);
    await checkpointNow();
  }
  await growLedger(size - Number((await checkpointNow()).size));
  await checkpointNow();
  await keepAside();
  expect(await look("base", "--all")).toMatchObject({ code: 0, said: { ok: true, size, added: size } });
});

afterAll(async () => {
  await new Promise((closed) => server.close(closed));
  await rm(folder, { recursive: true });
});

type Round = { readonly code: number; readonly said: { ok: boolean | null; what?: string; position?: number | null; size?: number; added?: number } };

/** One round of the real command, in a process of its own. */
function look(state: string, ...more: readonly string[]): Promise<Round> {
  return new Promise((done) => {
    execFile(process.execPath, ["scripts/curfew.mjs", "monitor", url, "--state", path.join(folder, state), "--once", ...more], (error, stdout, stderr) => {
      const last = stdout.trim().split("\n").at(-1) ?? "";
      done({ code: typeof error?.code === "number" ? error.code : 0, said: last.startsWith("{") ? (JSON.parse(last) as Round["said"]) : { ok: null, what: stderr } });
    });
  });
}

const fresh = () => `state-${(states += 1)}.json`;

/** What somebody has who followed from the beginning. */
async function followed(): Promise<string> {
  const state = fresh();
  for (const part of ["", ".leaves"]) await copyFile(path.join(folder, `base${part}`), path.join(folder, `${state}${part}`));
  return state;
}

describe("the monitor", () => {
  beforeEach(putBack);

  it("reads everything once, then what is new and some of the old again", async () => {
    const state = await followed();
    expect(await look(state, "--reread", "1")).toMatchObject({ code: 0, said: { added: 0, reread: { from: 0, to: 256 } } });
    expect(await look(state, "--reread", "1")).toMatchObject({ code: 0, said: { added: 0, reread: { from: 256, to: 512 } } });
    await growLedger(700);
    await checkpointNow();
    expect(await look(state)).toMatchObject({ code: 0, said: { ok: true, size: size + 700, added: 700 } });
    expect((await readFile(path.join(folder, `${state}.leaves`))).length).toBe((size + 700) * 32);
  });

  const found: Readonly<Record<string, RegExp>> = {
    "edits an event": /not the one/, "edits one byte of an event": /not the one/, "edits an event and its leaf hash": /not the one/, "deletes an event": /not there any more/, "deletes an entry": /not there any more/,
    "deletes an entry and closes the gap": /deleted/, "inserts an event before another": /inserted/, "swaps an entry with the next": /reordered/,
  };

  describe.each(attacks)("alarms when somebody %s", (name, attack) => {
    it.each([["in a full tile", inTile], ["behind the last full tile", inTail]])("and names the position, %s", async (_where, position) => {
      const state = await followed();
      await behindItsBack(...attack(position));
      expect(await look(state, "--all")).toMatchObject({ code: 1, said: { ok: false, position, what: expect.stringMatching(found[name] ?? /^$/) as string } });
      expect(JSON.parse(await readFile(path.join(folder, state), "utf8"))).toMatchObject({ alarm: { position }, size });
    });
  });

  it("repeats the alarm until the log is again what was seen", async () => {
    const state = await followed();
    await behindItsBack(`update ledger.event set body = ${forgedBody} where id = ${eventAt(inTail)}`);
    for (const _round of [1, 2]) expect(await look(state)).toMatchObject({ code: 1, said: { position: inTail } });
    await putBack();
    expect(await look(state)).toMatchObject({ code: 0, said: { ok: true, size } });
    expect(JSON.parse(await readFile(path.join(folder, state), "utf8"))).toMatchObject({ alarm: null });
  });

  it("finds a rewrite that Curfew itself signed anew: a fork", async () => {
    const state = await followed();
    await behindItsBack(
      `update ledger.event set body = ${forgedBody} where id = ${eventAt(inTile)}`,
      `update ledger.entry set leaf_hash = ${leafOf(forgedBody)} where position = ${inTile}`,
      "delete from ledger.tile", "delete from ledger.checkpoint", "update ledger.edge set size = 0, hashes = ''",
    );
    const kept = await checkpointOf(BigInt(size));
    expect(kept).toBeNull();
    await checkpointNow();
    expect(await look(state, "--reread", "1")).toMatchObject({ code: 1, said: { position: inTile } });
    await growLedger(5);
    await checkpointNow();
    expect(await look(state, "--reread", "1")).toMatchObject({ code: 1, said: { position: inTile } });
  });

  it("finds that an event was changed before it looked for the first time", async () => {
    await behindItsBack(`update ledger.event set body = ${forgedBody} where id = ${eventAt(inTail)}`);
    expect(await look(fresh())).toMatchObject({ code: 1, said: { position: inTail } });
  });

  it("finds a log that became shorter, and one that does not serve what it signed", async () => {
    const state = await followed();
    await behindItsBack(`delete from ledger.checkpoint where size > 350`);
    const older = await latestCheckpoint();
    expect(await look(state)).toMatchObject({ code: 1, said: { position: Number(older?.size), what: expect.stringContaining("shorter") as string } });
    await putBack();
    await growLedger(40);
    await checkpointNow();
    await behindItsBack(`delete from ledger.entry where position = ${size + 30}`);
    expect(await look(state)).toMatchObject({ code: 1, said: { position: size + 30 } });
  });

  it("holds a checkpoint that came another way against the log it follows", async () => {
    const state = await followed();
    const mailed = path.join(folder, "mailed.txt");
    await writeFile(mailed, (await checkpointOf(BigInt(size)))?.note ?? "");
    expect(await look(state, "--checkpoint", mailed)).toMatchObject({ code: 0 });
    const other = fresh();
    await behindItsBack("update ledger.event set body = convert_to('{}', 'UTF8') where id = (select max(id) from ledger.event)", `update ledger.entry set leaf_hash = ${leafOf("convert_to('{}', 'UTF8')")} where position = ${size - 1}`, `delete from ledger.checkpoint where size = ${size}`, "update ledger.edge set size = 0, hashes = ''");
    await checkpointNow();
    expect(await look(other, "--checkpoint", mailed)).toMatchObject({ code: 1, said: { what: expect.stringContaining("fork") as string } });
  });

  it("does not take the place of the log for a change of it", async () => {
    const state = await followed();
    const wrong = await new Promise<number>((done) => {
      execFile(process.execPath, ["scripts/curfew.mjs", "monitor", url, "--state", path.join(folder, state), "--once", "--every", "x"], (error) => done(Number(error?.code ?? 0)));
    });
    expect(wrong).toBe(2);
    const away = await new Promise<number>((done) => {
      execFile(process.execPath, ["scripts/curfew.mjs", "monitor", `${url}/nowhere`, "--state", path.join(folder, fresh()), "--once"], (error) => done(Number(error?.code ?? 0)));
    });
    expect(away).toBe(2);
  });
});

describe("with a new key", () => {
  it("follows where the old key announces the new one, and nowhere else", async () => {
    await putBack();
    const [first] = await logVerifierKeys();
    const state = fresh();
    expect(await look(state, "--key", first?.vkey ?? "")).toMatchObject({ code: 0 });
    await inTransaction(async (tx, now) => {
      await takeTreeTurn(tx);
      await makeKey(tx, { purpose: "log", actor: { kind: "system", process: "worker" }, now });
    });
    await checkpointNow();
    await growLedger(20);
    await checkpointNow();
    expect(await look(state, "--all")).toMatchObject({ code: 0, said: { ok: true } });
    expect((JSON.parse(await readFile(path.join(folder, state), "utf8")) as { keys: string[] }).keys).toHaveLength(2);
    // Well formed, and of another log.
    const other = "audit.example.org/tenant-1+9455419c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    expect(await look(fresh(), "--key", other)).toMatchObject({ code: 1 });
  });
});
