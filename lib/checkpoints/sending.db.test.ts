import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { lastSentCheckpoint, logVerifierKeys } from "@/lib/ledger/tree/keys";
import { cosignedAt, isSignedBy, parseNote, parseVerifierKey } from "@/lib/ledger/tree/note";
import { checkpointNow, checkpointOf, latestCheckpoint } from "@/lib/ledger/tree/proofs";
import { behindItsBack, growLedger } from "@/lib/ledger/tree/test-ledger";
import { closeMail } from "@/lib/notifications/mail";
import { env } from "@/lib/platform/env";
import { makePerson } from "@/lib/requests/test-world";
import { newPlaceSchema, type NewPlace } from "./schema";
import { takeOutside } from "./sender";
import { askForSending, makePlace, removePlace, sendDueCheckpoints } from "./sending";
import { serve, stampAuthority, Witness } from "./test-servers";

let ada: PersonActor;
let folder = "";
const servers: Server[] = [];

beforeAll(async () => {
  ada = await makePerson("Ada", ["administrator"]);
  folder = await mkdtemp(path.join(os.tmpdir(), "curfew-outside-"));
  await growLedger(300);
  await checkpointNow();
});

afterEach(async () => {
  for (const { id } of await db.checkpointPlace.findMany({ where: { removedAt: null } })) await removePlace({ actor: ada, placeId: id });
});

afterAll(async () => {
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  await rm(folder, { recursive: true });
});

async function place(given: Partial<NewPlace> & Pick<NewPlace, "kind" | "address">): Promise<string> {
  const made = await makePlace({ actor: ada, place: { name: `To ${given.kind}`, mayBeInside: true, verifierKey: null, certificates: null, ...given } });
  if (!made.ok) throw new Error(made.code);
  return made.value.placeId;
}

const placeRow = (id: string) => db.checkpointPlace.findUniqueOrThrow({ where: { id } });
const eventsOf = async (placeId: string) => {
  const rows = await db.$queryRaw<{ type: string; body: Uint8Array }[]>`select type, body from ledger.event where type like 'checkpoint.%' order by id`;
  return rows.flatMap(({ type, body }) => {
    const { data } = JSON.parse(Buffer.from(body).toString()) as { data: { placeId: string } };
    return data.placeId === placeId ? [{ type, ...data }] : [];
  });
};

async function expectOurs(note: string): Promise<void> {
  const key = parseVerifierKey((await logVerifierKeys())[0]?.vkey ?? "");
  expect(key && isSignedBy(note, key)).toBe(true);
}

describe("a folder outside", () => {
  it("gets a file for each checkpoint, at once, when asked, and after an export", async () => {
    const outside = path.join(folder, "keep");
    await mkdir(outside);
    const placeId = await place({ kind: "file", address: outside });
    expect(await sendDueCheckpoints()).toBe(1);
    expect(await sendDueCheckpoints()).toBe(0);
    await askForSending({ actor: ada, placeId });
    expect(await sendDueCheckpoints()).toBe(1);
    await db.export.create({ data: { id: placeId, personId: ada.personId, format: "csv", parameters: {}, state: "complete", requestedAt: new Date(), progressAt: new Date(), finishedAt: new Date(Date.now() + 60_000) } });
    expect(await sendDueCheckpoints()).toBe(1);
    await db.export.delete({ where: { id: placeId } });
    await db.checkpointPlace.update({ where: { id: placeId }, data: { dueAt: new Date(Date.now() - 1_000) } });
    expect(await sendDueCheckpoints()).toBe(1);
    const names = (await readdir(outside)).toSorted();
    expect(names).toHaveLength(4);
    for (const name of names) await expectOurs(await readFile(path.join(outside, name), "utf8"));
    const { sentSize } = await placeRow(placeId);
    expect(names.at(-1)).toBe(`checkpoint-${String(sentSize).padStart(12, "0")}.txt`);
    expect(await lastSentCheckpoint()).toMatchObject({ where: "To file", size: sentSize });
    const sent = await eventsOf(placeId);
    expect(sent.map(({ type }) => type)).toEqual(["checkpoint.place-made", ...Array.from({ length: 4 }, () => "checkpoint.sent")]);
    expect(sent.slice(1)).toMatchObject([{ occasion: "daily" }, { occasion: "asked" }, { occasion: "export" }, { occasion: "daily" }]);
  });

  it("is not written to when another log stands there, or a longer one: a fork or a restored backup shows", async () => {
    const outside = path.join(folder, "fork");
    await mkdir(outside);
    const latest = await checkpointNow();
    const forged = latest.note.replace(Buffer.from(latest.root).toString("base64"), Buffer.alloc(32, 7).toString("base64"));
    await writeFile(path.join(outside, `checkpoint-${String(latest.size).padStart(12, "0")}.txt`), forged);
    const placeId = await place({ kind: "file", address: outside });
    await sendDueCheckpoints();
    expect(await placeRow(placeId)).toMatchObject({ failures: 1, sentSize: null });
    expect((await eventsOf(placeId)).at(-1)).toMatchObject({ type: "checkpoint.not-sent", code: "other-log-there" });
    expect(await readdir(outside)).toHaveLength(1);
    await rm(path.join(outside, `checkpoint-${String(latest.size).padStart(12, "0")}.txt`));
    await writeFile(path.join(outside, "checkpoint-000009999999.txt"), latest.note.replace(`\n${latest.size}\n`, "\n9999999\n"));
    await askForSending({ actor: ada, placeId });
    await db.checkpointPlace.update({ where: { id: placeId }, data: { dueAt: new Date(0) } });
    await sendDueCheckpoints();
    expect((await eventsOf(placeId)).at(-1)).toMatchObject({ code: "other-log-there" });
  });

  it("keeps what is there as it is: the same checkpoint once more is no reason to write", async () => {
    const outside = path.join(folder, "once");
    await mkdir(outside);
    const checkpoint = await checkpointNow();
    const { size, note } = checkpoint;
    const file = path.join(outside, `checkpoint-${String(size).padStart(12, "0")}.txt`);
    await writeFile(file, `${note}— somebody.example.com AAAAAAAAAAAA\n`);
    expect(await takeOutside({ id: "00000000-0000-4000-8000-000000000000", kind: "file", address: outside, mayBeInside: false, verifierKey: null, certificates: null, sentSize: null }, checkpoint)).toEqual({ ok: true });
    expect(await readFile(file, "utf8")).toContain("somebody.example.com");
    expect(await readdir(outside)).toHaveLength(1);
  });

  it("is not followed to where somebody who can write there points: no link, pipe or flood is read, none is written through", async () => {
    const [outside, victim] = [path.join(folder, "hostile"), path.join(folder, "victim")];
    await mkdir(outside);
    await writeFile(victim, "kept");
    const checkpoint = await checkpointNow();
    const send = () => takeOutside({ id: "00000000-0000-4000-8000-000000000000", kind: "file", address: outside, mayBeInside: false, verifierKey: null, certificates: null, sentSize: null }, checkpoint);
    const name = path.join(outside, `checkpoint-${String(checkpoint.size).padStart(12, "0")}.txt`);
    const later = path.join(outside, "checkpoint-999999999999.txt");
    execFileSync("mkfifo", [later]);
    expect(await send()).toEqual({ ok: false, code: "other-log-there" });
    await rm(later);
    await symlink("/dev/zero", later);
    expect(await send()).toEqual({ ok: false, code: "other-log-there" });
    await rm(later);
    await writeFile(later, Buffer.alloc(70_000, 65));
    expect(await send()).toEqual({ ok: false, code: "other-log-there" });
    await rm(later);
    await symlink(victim, `${name}.part`);
    expect(await send()).toEqual({ ok: true });
    expect(await readFile(victim, "utf8")).toBe("kept");
    expect(await readdir(outside)).toEqual([path.basename(name)]);
  });

  it("is none of Curfew's own, whatever link leads there", async () => {
    const [real, link, dataLink] = [path.join(folder, "real-data"), path.join(folder, "link"), path.join(folder, "data-link")];
    await mkdir(path.join(real, "within"), { recursive: true });
    const to = async (address: string) =>
      takeOutside({ id: "00000000-0000-4000-8000-000000000000", kind: "file", address, mayBeInside: false, verifierKey: null, certificates: null, sentSize: null }, await checkpointNow());
    await symlink(path.join(process.cwd(), "public"), link);
    expect(await to(link)).toEqual({ ok: false, code: "folder-inside" });
    expect(await to(path.join(folder, "..", "..", process.cwd(), "public"))).toEqual({ ok: false, code: "folder-inside" });
    await symlink(real, dataLink);
    const spied = vi.spyOn(env, "dataDir", "get").mockReturnValue(dataLink);
    expect(await to(path.join(real, "within"))).toEqual({ ok: false, code: "folder-inside" });
    spied.mockRestore();
  });

  it("says what is wrong with a folder, waits, and tries again", async () => {
    const missing = await place({ kind: "file", address: path.join(folder, "missing") });
    const inside = await place({ kind: "file", address: env.dataDir });
    await mkdir(env.dataDir, { recursive: true });
    await sendDueCheckpoints();
    expect((await eventsOf(missing)).at(-1)).toMatchObject({ code: "folder-missing" });
    expect((await eventsOf(inside)).at(-1)).toMatchObject({ code: "folder-inside" });
    const { failures, failingSince, dueAt } = await placeRow(missing);
    expect({ failures, since: failingSince !== null, waits: dueAt > new Date() }).toEqual({ failures: 1, since: true, waits: true });
    expect(await sendDueCheckpoints()).toBe(0);
    await mkdir(path.join(folder, "missing"));
    await chmod(path.join(folder, "missing"), 0o755);
    await db.checkpointPlace.update({ where: { id: missing }, data: { dueAt: new Date(0) } });
    await sendDueCheckpoints();
    expect(await placeRow(missing)).toMatchObject({ failures: 0, failingSince: null });
  });

  it("gets nothing of a ledger that is not as it was signed", async () => {
    const outside = path.join(folder, "broken");
    await mkdir(outside);
    await place({ kind: "file", address: outside });
    await behindItsBack("create table if not exists public.kept_event as select * from ledger.event", "update ledger.event set body = convert_to('{}', 'UTF8') where id = (select event_id from ledger.entry order by position desc limit 1)");
    await expect(sendDueCheckpoints()).rejects.toMatchObject({ name: "LedgerFault" });
    expect(await readdir(outside)).toEqual([]);
    await behindItsBack("update ledger.event e set body = k.body from public.kept_event k where k.id = e.id", "drop table public.kept_event");
    expect(await sendDueCheckpoints()).toBe(1);
  });
});

describe("a mailbox", () => {
  it("gets the checkpoint as it is", async () => {
    const mails: Email[] = [];
    const smtp = new SMTPServer({
      authOptional: true, disabledCommands: ["STARTTLS"],
      onData(stream, _session, done) {
        const read: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => read.push(chunk));
        stream.on("end", () => void PostalMime.parse(Buffer.concat(read)).then((mail) => { mails.push(mail); done(); }, done));
      },
    });
    await new Promise<void>((done) => smtp.listen(0, "127.0.0.1", done));
    const placeId = await place({ kind: "mail", address: "auditors@example.com" });
    await sendDueCheckpoints();
    expect((await eventsOf(placeId)).at(-1)).toMatchObject({ code: "no-mail-server" });
    vi.spyOn(env, "mail", "get").mockReturnValue({ url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`, from: "curfew@example.com" });
    await db.checkpointPlace.update({ where: { id: placeId }, data: { dueAt: new Date(0) } });
    await sendDueCheckpoints();
    const { sentSize } = await placeRow(placeId);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ subject: `Checkpoint of ${sentSize} events`, to: [{ address: "auditors@example.com" }] });
    const note = (mails[0]?.text ?? "").split("-----\n")[1] ?? "";
    await expectOurs(`${note.trim()}\n`);
    closeMail();
    vi.restoreAllMocks();
    await new Promise<void>((done) => smtp.close(done));
  });
});

describe("an address", () => {
  it("is posted to, and its failures are kept with their reason", async () => {
    const got: string[] = [];
    let status = 503;
    const { url, server } = await serve((_request, body) => {
      got.push(body.toString());
      return { status };
    });
    servers.push(server);
    const placeId = await place({ kind: "url", address: `${url}/checkpoints` });
    await sendDueCheckpoints();
    expect((await eventsOf(placeId)).at(-1)).toMatchObject({ type: "checkpoint.not-sent", code: "http-status" });
    status = 204;
    await db.checkpointPlace.update({ where: { id: placeId }, data: { dueAt: new Date(0) } });
    await sendDueCheckpoints();
    await expectOurs(got.at(-1) ?? "");
    expect(await placeRow(placeId)).toMatchObject({ failures: 0 });
  });

  it("that points elsewhere is not followed there: what an administrator named is all that is spoken to", async () => {
    const asked: string[] = [];
    const inside = await serve((request) => {
      asked.push(request.url ?? "");
      return { status: 200 };
    });
    const front = await serve(() => ({ status: 307, location: `${inside.url}/latest/meta-data` }));
    servers.push(inside.server, front.server);
    const placeId = await place({ kind: "url", address: front.url });
    await sendDueCheckpoints();
    expect((await eventsOf(placeId)).at(-1)).toMatchObject({ type: "checkpoint.not-sent", code: "http-status" });
    expect(asked).toEqual([]);
  });

  it("inside the network is not spoken to unless somebody said that it may be", async () => {
    const { url, server } = await serve(() => ({ status: 200 }));
    servers.push(server);
    const placeId = await place({ kind: "url", address: url.replace("http:", "https:"), mayBeInside: false });
    await sendDueCheckpoints();
    expect((await eventsOf(placeId)).at(-1)).toMatchObject({ code: "internal-address" });
  });
});

describe("a witness", () => {
  it("cosigns what grew out of what it cosigned last; its line stands by the checkpoint", async () => {
    const witness = new Witness();
    const { url, server } = await serve((request, body) => (request.url === "/w/add-checkpoint" ? witness.answer(body.toString()) : { status: 404 }));
    servers.push(server);
    witness.logKey = (await logVerifierKeys())[0]?.vkey ?? "";
    const placeId = await place({ kind: "witness", address: `${url}/w`, verifierKey: witness.vkey });
    await sendDueCheckpoints();
    const { sentSize } = await placeRow(placeId);
    const { note } = (await checkpointOf(sentSize ?? 0n)) ?? { note: "" };
    const [key, parsed] = [parseVerifierKey(witness.vkey), parseNote(note)];
    expect(parsed?.signatures).toHaveLength(2);
    expect(key && parsed?.signatures[1] && cosignedAt(parsed.text, parsed.signatures[1], key)).toBe(1_800_000_000);
    await expectOurs(note);
    // The witness knows more than we believe: it says so, and is asked once more from there.
    await growLedger(40);
    await db.checkpointPlace.update({ where: { id: placeId }, data: { dueAt: new Date(0), sentSize: 3n } });
    await sendDueCheckpoints();
    expect(witness.asked.slice(-2)).toMatchObject([{ old: 3n, status: 409 }, { status: 200 }]);
    expect(witness.size).toBe((await latestCheckpoint())?.size);
  });

  it("is not believed with another key, and when it says that our log is another", async () => {
    const [witness, other] = [new Witness(), new Witness()];
    witness.logKey = (await logVerifierKeys())[0]?.vkey ?? "";
    const { url, server } = await serve((_request, body) => witness.answer(body.toString()));
    servers.push(server);
    const wrong = await place({ kind: "witness", address: url, verifierKey: other.vkey });
    await sendDueCheckpoints();
    expect((await eventsOf(wrong)).at(-1)).toMatchObject({ code: "cosignature-wrong" });
    await removePlace({ actor: ada, placeId: wrong });
    witness.root = new Uint8Array(32);
    await growLedger(2);
    const disagreeing = await place({ kind: "witness", address: url, verifierKey: witness.vkey });
    await sendDueCheckpoints();
    expect((await eventsOf(disagreeing)).at(-1)).toMatchObject({ code: "witness-disagrees" });
    witness.size = 10_000_000n;
    await db.checkpointPlace.update({ where: { id: disagreeing }, data: { dueAt: new Date(0) } });
    await sendDueCheckpoints();
    expect((await eventsOf(disagreeing)).at(-1)).toMatchObject({ code: "witness-disagrees" });
  });
});

describe("a timestamp authority", () => {
  const authority = stampAuthority();

  it.skipIf(authority === null)("stamps the checkpoint's text; OpenSSL verifies the token that is kept", async () => {
    const { url, server } = await serve((request, body) =>
      request.headers["content-type"] === "application/timestamp-query" ? { status: 200, body: authority?.answer(body), type: "application/timestamp-reply" } : { status: 400 },
    );
    servers.push(server);
    const placeId = await place({ kind: "timestamp", address: url });
    await sendDueCheckpoints();
    const { sentSize, isAnchored } = await placeRow(placeId);
    expect(isAnchored).toBe(false);
    const rows = await db.$queryRaw<{ token: Uint8Array; stamped_at: Date }[]>`select token, stamped_at from ledger.timestamp_token where size = ${sentSize}::bigint`;
    const text = parseNote((await checkpointOf(sentSize ?? 0n))?.note ?? "")?.text ?? "";
    expect(Math.abs((rows[0]?.stamped_at.getTime() ?? 0) - Date.now())).toBeLessThan(600_000);
    expect(() => authority?.verify(text, Buffer.from(rows[0]?.token ?? []))).not.toThrow();
    expect(() => authority?.verify(`${text}x`, Buffer.from(rows[0]?.token ?? []))).toThrow();
  });

  it.skipIf(authority === null)("is held to the certificate that was given: a stamp of anybody else is none", async () => {
    const { url, server } = await serve((_request, body) => ({ status: 200, body: authority?.answer(body), type: "application/timestamp-reply" }));
    servers.push(server);
    const held = await place({ kind: "timestamp", address: url, certificates: authority?.certificate ?? "" });
    await sendDueCheckpoints();
    expect(await placeRow(held)).toMatchObject({ isAnchored: true, failures: 0 });
    const events = await eventsOf(held);
    expect(events).toMatchObject([{ type: "checkpoint.place-made", anchors: [expect.stringMatching(/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/) as string] }, { type: "checkpoint.sent", isAnchored: true }]);
    const foreign = await place({ kind: "timestamp", address: url, certificates: stampAuthority()?.certificate ?? "" });
    await sendDueCheckpoints();
    expect(await placeRow(foreign)).toMatchObject({ sentSize: null, isAnchored: null, failures: 1 });
    expect((await eventsOf(foreign)).at(-1)).toMatchObject({ code: "stamp-not-anchored" });
    expect(await makePlace({ actor: ada, place: { kind: "timestamp", name: "x", address: url, mayBeInside: true, verifierKey: null, certificates: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" } })).toMatchObject({ ok: false, code: "no-certificate" });
  });

  it.skipIf(authority === null)("is not believed when it stamps something else, or an older question", async () => {
    const stale: { body: Buffer | null } = { body: null };
    const { url, server } = await serve((_request, body) => {
      stale.body ??= authority?.answer(body) ?? null;
      return { status: 200, body: stale.body ?? "", type: "application/timestamp-reply" };
    });
    servers.push(server);
    const placeId = await place({ kind: "timestamp", address: url });
    await sendDueCheckpoints();
    await askForSending({ actor: ada, placeId });
    await sendDueCheckpoints();
    expect((await eventsOf(placeId)).at(-1)).toMatchObject({ type: "checkpoint.not-sent", code: "stamp-wrong" });
  });

  it.each([["nothing", ""], ["no DER", "hello"], ["a refusal", Buffer.from("30053003020102", "hex")]])("that answers %s is not believed", async (_name, body) => {
    const { url, server } = await serve(() => ({ status: 200, body, type: "application/timestamp-reply" }));
    servers.push(server);
    const placeId = await place({ kind: "timestamp", address: url });
    await sendDueCheckpoints();
    expect((await eventsOf(placeId)).at(-1)).toMatchObject({ type: "checkpoint.not-sent", code: expect.stringMatching(/^stamp-(wrong|refused)$/) as string });
  });
});

describe("a place somebody fills in", () => {
  const good = { kind: "url", name: "Vault", address: "https://keep.example.com/x" };
  it.each([
    [{ ...good }, true], [{ ...good, address: "http://keep.example.com" }, false], [{ ...good, address: "http://10.0.0.1/x", mayBeInside: "yes" }, true],
    [{ ...good, address: "https://a:b@keep.example.com" }, false], [{ ...good, kind: "file", address: "relative/path" }, false], [{ ...good, kind: "file", address: "/mnt/worm" }, true],
    [{ ...good, kind: "mail", address: "auditors@example.com" }, true], [{ ...good, kind: "mail", address: "auditors@example.com\r\nBcc: mallory@example.com" }, false],
    [{ ...good, kind: "mail", address: "auditors@example.com, mallory@example.com" }, false], [{ ...good, kind: "file", address: "/mnt/worm\0/x" }, false],
    [{ ...good, kind: "timestamp", certificates: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" }, false], [{ ...good, kind: "mail" }, false], [{ ...good, kind: "witness" }, false],
    [{ ...good, kind: "witness", verifierKey: new Witness().vkey }, true],
  ])("%j is taken: %s", (input, isTaken) => {
    expect(newPlaceSchema.safeParse(input).success).toBe(isTaken);
  });

  it("is refused with a secret in it", async () => {
    const made = await makePlace({ actor: ada, place: { kind: "url", name: "ghp_" + "a1B2".repeat(9), address: "https://keep.example.com", mayBeInside: false, verifierKey: null, certificates: null } });
    expect(made).toMatchObject({ ok: false, code: "name-is-secret" });
  });
});
