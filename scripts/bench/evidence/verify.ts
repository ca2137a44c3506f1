import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { archiveOf, type BundleFile, type Written } from "@/lib/evidence/bundle/archive";
import { envelopeOf, manifestPayload, manifestType } from "@/lib/evidence/bundle/manifest";
import { cardColumns, columnNames } from "@/lib/evidence/columns";
import { foldSubtrees, nodeHash } from "@/lib/ledger/tree/merkle";
import { formatVerifierKey, keyIdOf, preAuthEncoding, rawPublicKey, signatureTypes, signNote } from "@/lib/ledger/tree/note";
import { verifyBundle } from "../../verify/core/bundle.mjs";
import { nodePlatform, openFile } from "../../verify/core/node.mjs";
import { Frontier, treeHashes } from "../../verify/formats/merkle.mjs";
import { temporaryFolder } from "../../test/temporary";
import { machine, type Row } from "../report";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const id = (kind: number, number: number) => `0190${kind.toString(16).padStart(4, "0")}-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
const timeOf = (number: number) => new Date(1_700_000_000_000 + number * 1_000).toISOString();

/** A request's life in ten events, of the sizes that the product writes. */
function eventsOf(number: number): string[] {
  const [request, grant] = [id(1, number), id(2, number)];
  const subjects = { entitlement: id(3, number % 500), grant, identity: id(4, number % 5_000), request, system: id(5, number % 20) };
  const person = { id: id(6, number % 300), kind: "person" };
  const event = (type: string, actor: object, data: object, about: object = subjects, hashed: object = {}) => JSON.stringify({ actor, at: timeOf(number), data, hashed, subjects: about, type, v: 1 });
  const asked = { identity: subjects.identity, request };
  const hash = sha256(Buffer.from(request)).toString("hex");
  const worker = { kind: "system", process: "worker" };
  return [
    event("request.submitted", person, { durationSeconds: 900, entitlementIds: [subjects.entitlement], identityId: subjects.identity, maxUses: null, purpose: "migration", stages: [{ asked: [id(6, 1), id(6, 2)], needed: 1, source: "resource-owner" }], ticketKey: "CHG-1" }, asked, { identity: hash, intent: hash }),
    event("policy.decided", person, { determining: ["low"], inputHash: hash, moment: "request", outcome: "permit", policyHash: hash.replaceAll(/./g, "a") }, asked),
    event("request.voted", { id: id(6, 7), kind: "person" }, { answer: "approve", batchSize: 1, durationSeconds: 900, requestVersion: 1, stage: 0, wasOpened: true }, asked, { voter: hash }),
    event("request.approved", { id: id(6, 7), kind: "person" }, { activateBefore: timeOf(number + 900), automatically: false, durationSeconds: 900 }, asked),
    event("grant.ready", worker, { activateBefore: timeOf(number + 900), durationSeconds: 900, entitlementId: subjects.entitlement, replaces: null }),
    event("grant.issuing", person, { deadline: timeOf(number + 10), handle: `curfew_00000000_${number}`, notAfter: timeOf(number + 900) }),
    event("grant.active", person, { handle: `curfew_00000000_${number}`, notAfter: timeOf(number + 900), repeated: false, targetId: String(number) }),
    event("grant.ending", worker, { reason: "expired" }),
    event("grant.accepted", worker, { alreadyGone: false, sessionsCut: 0 }),
    event("grant.proven", worker, { facts: ["role gone", "0 sessions"], looks: [timeOf(number), timeOf(number)], method: "absent from pg_roles", seenBy: "curfew_probe", stillGiven: [], stillGivenKnown: true, strength: "absent-from-inventory" }),
  ];
}

function rowOf(number: number, position: number): Record<string, string | number | null> {
  const at = timeOf(number);
  const hash = sha256(Buffer.from(id(1, number))).toString("hex");
  const row: Record<string, string | number | null> = {
    record: "grant", request_number: number, request_id: id(1, number), grant_id: id(2, number), identity_id: id(4, number % 5_000), entitlement_id: id(3, number % 500), system_id: id(5, number % 20),
    requester_kind: "person", requester_id: id(6, number % 300), purpose: "migration", intent: "[erased]", ticket_key: "CHG-1", asked_at: at, policy_outcome: "permit", policy_hash: hash.replaceAll(/./g, "a"),
    policy_input_hash: hash, state: "approved", decided_at: at, decided_by: "people", voter_ids: id(6, 7), votes: "approve", vote_reasons: "[erased]", voted_at: at, asked_seconds: 900, granted_seconds: 900, grant_state: "proven",
    credential: `curfew_00000000_${number}`, credential_target_id: String(number), issued_at: at, not_after: timeOf(number + 900), ended_at: at, end_reason: "expired", accepted_at: at, proven_at: at, seconds_to_proof: 0,
    proof_method: "absent from pg_roles", proof_strength: "absent-from-inventory", proof_seen_by: "curfew_probe", proof_first_look_at: at, proof_second_look_at: at, ledger_first: position, ledger_last: position + 9,
  };
  return Object.fromEntries(columnNames.map((name) => [name, row[name] ?? null]));
}

/** Lines in pieces of about a megabyte. */
async function* pieces(lines: Iterable<string>): AsyncGenerator<Uint8Array> {
  let piece: string[] = [];
  let length = 0;
  for (const line of lines) {
    piece.push(line);
    length += line.length;
    if (length < 1 << 20) continue;
    yield await Promise.resolve(Buffer.from(piece.join("")));
    [piece, length] = [[], 0];
  }
  if (length > 0) yield Buffer.from(piece.join(""));
}

type Made = { readonly chains: number; readonly root: Uint8Array; readonly locator: Buffer };

function treeOf(chains: number): Made {
  const roots: { hash: Uint8Array; width: number }[] = [];
  const locator = Buffer.alloc(chains * 40);
  let position = 0;
  for (let number = 0; number < chains; number++) {
    for (const event of eventsOf(number)) {
      let [hash, width]: [Uint8Array, number] = [sha256(Buffer.concat([Buffer.of(0), Buffer.from(event)])), 1];
      let word = 0;
      for (let at = 0; at < 32; at += 4) word ^= Buffer.from(hash).readInt32BE(at);
      locator.writeInt32BE(word, position * 4);
      for (let last = roots.at(-1); last?.width === width; last = roots.at(-1)) {
        roots.pop();
        [hash, width] = [nodeHash(last.hash, hash), width * 2];
      }
      roots.push({ hash, width });
      position += 1;
    }
  }
  return { chains, root: foldSubtrees(roots.map(({ hash }) => hash)), locator };
}

/** A bundle of so many chains, of ten events each, as the product writes one. */
async function* bundleOf({ chains, root, locator }: Made): AsyncGenerator<Uint8Array> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const name = "bench.example/ledger/1";
  const vkey = formatVerifierKey(name, rawPublicKey(privateKey));
  const note = signNote(`${name}\n${chains * 10}\n${Buffer.from(root).toString("base64")}\n`, { name, key: privateKey });
  const numbers = Array.from({ length: chains }, (_, number) => number);
  const csv = (row: object) => `${Object.values(row).map((value) => value ?? "").join(",")}\n`;
  function* map<Value>(line: (number: number) => Value): Generator<Value> {
    for (const number of numbers) yield line(number);
  }
  const large = chains > 100_000;
  const stream = (file: string, stream_: AsyncIterable<Uint8Array>): BundleFile => ({ name: file, stream: stream_, mayBeLarge: large });
  const whole = (file: string, content: string): BundleFile => ({ name: file, whole: Buffer.from(content) });
  const card = {
    report_definition: { version: 2 }, report_id: "bench", columns: cardColumns, filters: {}, files: [],
    counts: { rows: chains, requests: chains, grants: chains, refused_asks: 0, by_state: { approved: chains }, by_grant_state: { proven: chains }, by_end_reason: { expired: chains } },
  };
  async function* files(): AsyncGenerator<BundleFile, void, Written> {
    const written: Written[] = [];
    for (const file of [
      whole("README.txt", "x\n"), stream("chains.csv", pieces((function* () { yield `${columnNames.join(",")}\n`; yield* map((number) => csv(rowOf(number, number * 10))); })())),
      stream("chains.jsonl", pieces(map((number) => `${JSON.stringify(rowOf(number, number * 10))}\n`))), stream("clear.jsonl", pieces([])), whole("keys/export.vkey", `${vkey}\n`), whole("keys/log.vkey", `${vkey}\n`),
      whole("log/checkpoint.txt", note), stream("log/entries.jsonl", pieces(map((number) => eventsOf(number).map((event) => `${event}\n`).join("")))), stream("log/locator.bin", (async function* () { yield await Promise.resolve(locator); })()),
      whole("log/range.json", `${JSON.stringify({ from: 0, to: chains * 10, size: chains * 10, left: [], right: [] })}\n`), stream("passkey-proofs.jsonl", pieces([])), stream("policies.jsonl", pieces([])), stream("tickets.jsonl", pieces([])),
      whole("verify/verify.mjs", "x\n"), whole("report-card.json", `${JSON.stringify(card)}\n`),
    ]) written.push(yield file);
    const payload = manifestPayload(written, { reportId: "bench", checkpoint: note, curfewVersion: "bench" });
    const sig = sign(null, preAuthEncoding(manifestType, payload), privateKey).toString("base64");
    yield { name: "manifest.dsse.json", whole: envelopeOf(payload, { keyid: keyIdOf(name, signatureTypes.ed25519, rawPublicKey(privateKey)), sig }) };
  }
  yield* archiveOf(files());
}

/** Hashes each event's bytes once and nothing else, and beside it all that proves the log's part: each leaf, each node, the root. */
async function hashing(chains: number): Promise<{ plainMs: number; treeMs: number; bytes: number; root: Uint8Array | null }> {
  let [plainMs, treeMs, bytes] = [0, 0, 0];
  const hashes = treeHashes((await nodePlatform()).hash);
  const frontier = new Frontier(hashes);
  for (let first = 0; first < chains; first += 5_000) {
    const events = Array.from({ length: Math.min(5_000, chains - first) }, (_, index) => eventsOf(first + index).map((event) => Buffer.from(event))).flat();
    const start = performance.now();
    for (const event of events) createHash("sha256").update(event).digest();
    const between = performance.now();
    for (const event of events) frontier.add(hashes.leaf(event));
    treeMs += performance.now() - between;
    plainMs += between - start;
    for (const event of events) bytes += event.length;
  }
  return { plainMs, treeMs, bytes, root: frontier.root() };
}

/** Verifies a bundle of so many events; the proof of its log is held against hashing the same events once. */
export async function benchVerify(events: number, tell: (rows: readonly Row[]) => void): Promise<void> {
  const chains = Math.ceil(events / 10);
  const { folder, remove } = await temporaryFolder("bench-verify");
  try {
    const file = path.join(folder, "bundle.zip");
    const made = treeOf(chains);
    await writeFile(file, bundleOf(made));
    const { plainMs, treeMs, bytes, root } = await hashing(chains);
    if (Buffer.compare(root ?? new Uint8Array(), made.root) !== 0) throw new Error("two trees over the same events differ");
    const source = await openFile(file);
    const start = performance.now();
    const result = await verifyBundle({ source, platform: await nodePlatform() });
    const ms = performance.now() - start;
    await source.close();
    if (!result.ok) throw new Error(`the bundle does not hold: ${JSON.stringify(result.first)}`);
    const size = `${chains * 10} events, ${chains} rows, ${(bytes / 2 ** 20).toFixed(0)} MiB, ${machine()}`;
    const seconds = (value: number) => `${(value / 1_000).toFixed(1)} s`;
    const heap = process.memoryUsage().rss / 2 ** 20;
    tell([
      { what: "proof of the log's part: leaves, nodes, root", size, figure: seconds(treeMs), limit: `3 × ${seconds(plainMs)} of SHA-256 of each event`, holds: treeMs <= 3 * plainMs },
      { what: "a whole bundle from disk: unpacked, log, rows told again from events, CSV against JSON", size, figure: `${seconds(ms)}, ${heap.toFixed(0)} MiB in all`, limit: `– (${(ms / plainMs).toFixed(1)} × SHA-256 of each event)`, holds: null },
    ]);
  } finally {
    await remove();
  }
}
