import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { exportVerifierKeys, logVerifierKeys, signEvidence } from "@/lib/ledger/tree/keys";
import { isSignedBy, parseVerifierKey } from "@/lib/ledger/tree/note";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import { growLedger } from "@/lib/ledger/tree/test-ledger";
import { newId } from "@/lib/platform/ids";
import { decideProposal } from "@/lib/proposals/mutations";
import { makePerson } from "@/lib/requests/test-world";
import { readLog, readLogTokens, readPlaces } from "./data";
import { rotateKey } from "./mutations";
import { makePlace } from "./sending";
import { authenticateLogToken, makeLogToken, withdrawLogToken } from "./tokens";

let ada: PersonActor;
const isGoodFor = (note: string, vkey: string | undefined) => {
  const key = parseVerifierKey(vkey ?? "");
  return key !== null && isSignedBy(note, key);
};

beforeAll(async () => {
  ada = await makePerson("Ada", ["administrator"]);
  await checkpointNow();
});

describe("a token for the ledger", () => {
  it("lets its holder in until it is withdrawn, and only its hash is kept", async () => {
    const made = await makeLogToken({ actor: ada, name: "Monitor" });
    if (!made.ok) throw new Error(made.code);
    const { token, tokenId } = made.value;
    expect(await authenticateLogToken(`Bearer ${token}`)).toEqual({ ok: true, value: { id: tokenId, by: "token" } });
    expect(await readLogTokens()).toMatchObject([{ id: tokenId, name: "Monitor", madeBy: "Ada", lastUsedAt: expect.any(String) as string }]);
    const [stored] = await db.$queryRaw<{ found: boolean }[]>`select exists (select from log_tokens where row_to_json(log_tokens)::text like ${`%${token.slice(12)}%`}) or exists (select from ledger.event where position(convert_to(${token.slice(12)}, 'UTF8') in body) > 0) as found`;
    expect(stored).toEqual({ found: false });
    for (const other of [null, "", `Bearer ${token}x`, `Basic ${token}`, `Bearer curfew_log_${"a".repeat(43)}`]) expect(await authenticateLogToken(other)).toMatchObject({ ok: false, status: 401 });
    expect(await withdrawLogToken({ actor: ada, tokenId })).toMatchObject({ ok: true });
    expect(await withdrawLogToken({ actor: ada, tokenId })).toMatchObject({ ok: false, code: "unknown-token" });
    expect(await authenticateLogToken(`Bearer ${token}`)).toMatchObject({ ok: false, status: 401 });
  });

  it("is refused with a secret for a name, and beyond twenty", async () => {
    expect(await makeLogToken({ actor: ada, name: "ghp_" + "a1B2".repeat(9) })).toMatchObject({ ok: false, code: "name-is-secret" });
    for (let n = 0; n < 20; n++) await makeLogToken({ actor: ada, name: `Monitor ${n}` });
    expect(await makeLogToken({ actor: ada, name: "One more" })).toMatchObject({ ok: false, code: "too-many-tokens" });
    expect(await withdrawLogToken({ actor: ada, tokenId: newId() })).toMatchObject({ ok: false });
  });
});

describe("a new key", () => {
  it("is made at once by the only administrator; old checkpoints stay good with the old one", async () => {
    const before = await checkpointNow();
    expect(await rotateKey({ actor: ada, purpose: "log" })).toMatchObject({ ok: true, value: { state: "applied" } });
    await checkpointNow();
    await growLedger(1);
    const after = await checkpointNow();
    const [old, fresh] = await logVerifierKeys();
    expect([isGoodFor(before.note, old?.vkey), isGoodFor(after.note, fresh?.vkey), isGoodFor(after.note, old?.vkey)]).toEqual([true, true, false]);
  });

  it("waits for a second administrator where there is one", async () => {
    const bo = await makePerson("Bo", ["administrator"]);
    const keys = await exportVerifierKeys();
    const asked = await rotateKey({ actor: ada, purpose: "export" });
    if (!asked.ok || asked.value.state !== "waiting") throw new Error("expected to wait");
    expect(await exportVerifierKeys()).toEqual(keys);
    const { proposalId } = asked.value;
    expect(await rotateKey({ actor: ada, purpose: "export" })).toMatchObject({ ok: false, code: "already-proposed" });
    expect(await decideProposal({ proposalId, actor: ada, answer: "confirm" })).toMatchObject({ ok: false, code: "own-proposal" });
    expect(await decideProposal({ proposalId, actor: bo, answer: "confirm" })).toMatchObject({ ok: true });
    const [fresh] = await exportVerifierKeys();
    expect((await signEvidence("text/plain", new Uint8Array())).keyid).toBe(fresh?.keyid);
    expect(fresh?.vkey).not.toBe(keys[0]?.vkey);
    expect(await exportVerifierKeys()).toHaveLength(keys.length + 1);
  });
});

describe("the page", () => {
  it("shows how the ledger stands and where its checkpoints go", async () => {
    await makePlace({ actor: ada, place: { kind: "mail", name: "Auditors", address: "auditors@example.com", mayBeInside: false, verifierKey: null, certificates: null } });
    expect(await readPlaces()).toMatchObject([{ kind: "mail", name: "Auditors", madeBy: "Ada", sentAt: null, failures: 0, lastCode: null }]);
    const log = await readLog("https://curfew.example.com");
    expect(log).toMatchObject({ url: "https://curfew.example.com/api/log", reading: null });
    expect(log.note).toContain("/ledger/");
    expect(log.keys.length).toBeGreaterThan(1);
  });
});
