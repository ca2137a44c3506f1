import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import { growLedger } from "@/lib/ledger/tree/test-ledger";
import { lastSentCheckpoint } from "@/lib/ledger/tree/keys";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import { makePerson } from "@/lib/requests/test-world";
import { judgeLeaving } from "./leaving";
import { makePlace, removePlace, sendDueCheckpoints } from "./sending";

let ada: PersonActor;
let folder = "";
const hourMs = 3_600_000;
const open = async () => (await db.finding.findMany({ where: { closedAt: null }, orderBy: { openedAt: "asc" } })).map(({ kind, title, controls }) => ({ kind, title, controls }));
const later = (hours: number) => judgeLeaving(fixedClock(new Date(Date.now() + hours * hourMs)));

async function place(kind: "file" | "timestamp", name: string, address: string): Promise<string> {
  const made = await makePlace({ actor: ada, place: { kind, name, address, mayBeInside: true, verifierKey: null, certificates: null } });
  if (!made.ok) throw new Error(made.code);
  return made.value.placeId;
}

beforeAll(async () => {
  ada = await makePerson("Ada", ["administrator"]);
  folder = await mkdtemp(path.join(os.tmpdir(), "curfew-leaving-"));
});

afterAll(() => rm(folder, { recursive: true }));

describe("a ledger whose checkpoints stay inside", () => {
  it("is a finding from the first checkpoint on, closed by the first that leaves, opened again a day after the last, and told to administrators", async () => {
    await judgeLeaving();
    expect(await open()).toEqual([]);
    await growLedger(3);
    await checkpointNow();
    await judgeLeaving();
    await judgeLeaving();
    expect(await open()).toEqual([{ kind: "checkpoints-inside", title: "No place outside gets checkpoints of the ledger", controls: ["CC7.2", "AU-9(2)", "AU-9(3)"] }]);
    expect(await db.inboxItem.count({ where: { personId: ada.personId, notice: { link: "/settings/checkpoints" } } })).toBe(1);
    // The token of an authority comes back and stays here.
    await place("timestamp", "Authority", "http://127.0.0.1:9/");
    await judgeLeaving();
    expect(await open()).toHaveLength(1);
    const vault = await place("file", "Vault", folder);
    await sendDueCheckpoints();
    await judgeLeaving();
    expect(await open()).toEqual([]);
    await later(23);
    expect(await open()).toEqual([]);
    await db.checkpointPlace.updateMany({ where: { kind: "timestamp" }, data: { failingSince: null } });
    await later(25);
    const { sentAt } = await db.checkpointPlace.findUniqueOrThrow({ where: { id: vault } });
    expect((await open()).map(({ title }) => title)).toEqual([`No checkpoint has left the house since ${sentAt?.toISOString().slice(0, 19).replace("T", " ")} UTC`]);
    await judgeLeaving();
    expect(await open()).toEqual([]);
    await removePlace({ actor: ada, placeId: vault });
    await judgeLeaving();
    expect((await open()).map(({ title }) => title)).toEqual(["No place outside gets checkpoints of the ledger"]);
  });

  it("is not called outside because an authority stamped it", async () => {
    await db.checkpointPlace.updateMany({ where: { kind: "timestamp" }, data: { sentSize: 3n, sentAt: new Date() } });
    expect(await lastSentCheckpoint()).toBeNull();
  });
});

describe("a place that fails for a day", () => {
  it("is a finding by its name until one arrives there or it is removed, whatever other places get", async () => {
    const [gone, kept] = [await place("file", "Gone", path.join(folder, "missing")), await place("file", "Kept", folder)];
    await sendDueCheckpoints();
    const unreached = async () => (await open()).filter(({ kind }) => kind === "place-unreached").map(({ title }) => title);
    await judgeLeaving();
    expect(await unreached()).toEqual([]);
    await later(25);
    expect(await unreached()).toEqual(["Checkpoints have not got to Gone for a day"]);
    await removePlace({ actor: ada, placeId: gone });
    await later(25);
    expect(await unreached()).toEqual([]);
    await removePlace({ actor: ada, placeId: kept });
  });
});
