import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { logVerifierKeys, signEvidence } from "@/lib/ledger/tree/keys";
import { verifyBundle } from "@/scripts/verify/core/bundle.mjs";
import { nodePlatform } from "@/scripts/verify/core/node.mjs";
import { everything } from "../schema";
import { exportedFiles } from "../exports/test-export";
import { readArchive } from "../test-archive";
import { archiveOf, type BundleFile, type Written } from "./archive";
import { envelopeOf, manifestPayload, manifestType } from "./manifest";
import { setBundleScene } from "./test-scene";

const seed = (Date.now() ^ (process.pid << 8)) >>> 0;
const rounds = 20;
const each = { bytes: 250, repacked: 125, insider: 125 };

/** Numbers that look random, the same for the same seed (mulberry32). */
function randomOf(start: number) {
  let state = start >>> 0;
  return (below: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
type Random = ReturnType<typeof randomOf>;

let bundle: Uint8Array;
let files: Map<string, Buffer>;
let keys: string[];
let platform: Awaited<ReturnType<typeof nodePlatform>>;

beforeAll(async () => {
  const { auditor } = await setBundleScene();
  const made = await exportedFiles(auditor, everything, "bundle");
  [bundle, files] = [made.bytes, made.files];
  keys = (await logVerifierKeys()).map(({ vkey }) => vkey);
  platform = await nodePlatform();
  process.stdout.write(`fuzz of a bundle of ${bundle.length} bytes, seed ${seed}\n`);
}, 60_000);

let turn = 0;
/** Of everything at its end, or of each request as soon as it is over, as it goes where there are many. */
const firstWrong = async (bytes: Uint8Array) => {
  const atOnce = turn++ % 2 === 0 ? 4_096 : 1;
  const source = { size: bytes.length, read: (offset: number, length: number) => Promise.resolve(bytes.slice(offset, offset + length)) };
  return (await verifyBundle({ source, platform, keys, atOnce })).first;
};

/** The report card with what it says of files set right, as whoever may sign would. */
function rightedCard(content: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const name = "report-card.json";
  const card = JSON.parse(content.get(name)?.toString("utf8") ?? "{}") as { files: { path: string }[] };
  const files_ = card.files.map((file) => {
    const bytes = content.get(file.path) ?? Buffer.alloc(0);
    return { ...file, sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
  });
  return new Map([...content, [name, Buffer.from(`${JSON.stringify({ ...card, files: files_ }, null, 2)}\n`)]]);
}

/** An archive of these files, in the form of a bundle. With `signed`, whoever packs it has the key for exports. */
async function packed(given: ReadonlyMap<string, Buffer>, signed: boolean): Promise<Buffer> {
  const content = signed ? rightedCard(given) : given;
  const streamed = /\.(csv|jsonl|bin)$/;
  async function* parts(): AsyncGenerator<BundleFile, void, Written> {
    const written: Written[] = [];
    for (const [name, bytes] of content) {
      if (name === "manifest.dsse.json") continue;
      const isStreamed = streamed.test(name) && !name.startsWith("sample/");
      written.push(yield isStreamed ? { name, stream: one(bytes), mayBeLarge: false } : { name, whole: bytes });
    }
    const payload = manifestPayload(written, { reportId: reportId(), checkpoint: content.get("log/checkpoint.txt")?.toString("utf8") ?? "", curfewVersion: "0.1.0" });
    yield { name: "manifest.dsse.json", whole: signed ? envelopeOf(payload, await signEvidence(manifestType, payload)) : (content.get("manifest.dsse.json") ?? Buffer.alloc(0)) };
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of archiveOf(parts())) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield await Promise.resolve(bytes);
}

const reportId = () => (JSON.parse(files.get("report-card.json")?.toString("utf8") ?? "{}") as { report_id: string }).report_id;
const linesOf = (name: string) => (files.get(name)?.toString("utf8") ?? "").split("\n").slice(0, -1);
const joined = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(""));

/** A character of a text changed for another one of its kind, so that it goes on being what it was. */
function otherCharacter(text: string, at: number): string {
  const old = text[at] ?? "";
  const next = /[0-8]/.test(old) ? String(Number(old) + 1) : old === "9" ? "0" : /[a-y]/.test(old) ? String.fromCharCode(old.charCodeAt(0) + 1) : old === "b" ? "c" : "b";
  return text.slice(0, at) + next + text.slice(at + 1);
}

/** Bytes of the archive itself changed. */
function damaged(random: Random): { bytes: Buffer; what: string } {
  const bytes = Buffer.from(bundle);
  const at = random(bytes.length);
  const kind = random(5);
  if (kind === 0) return { bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]), what: `byte ${at} removed` };
  if (kind === 1) return { bytes: Buffer.concat([bytes.subarray(0, at), Buffer.of(random(256)), bytes.subarray(at)]), what: `a byte put in at ${at}` };
  if (kind === 2 && at > 0) return { bytes: bytes.subarray(0, at), what: `cut off at ${at}` };
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random(8)), at);
  return { bytes, what: `a bit of byte ${at}` };
}

type Changed = { readonly content: Map<string, Buffer>; readonly what: string; readonly names: readonly string[]; readonly at?: RegExp };

/** Any file changed, taken out, added or renamed; the manifest stays as it was. */
function tampered(random: Random): Changed {
  const names = [...files.keys()].filter((name) => name !== "manifest.dsse.json");
  const name = names[random(names.length)] ?? "";
  const old = files.get(name) ?? Buffer.alloc(0);
  const kind = random(6);
  if (kind === 0) return { content: new Map([...files].filter(([other]) => other !== name)), what: `${name} taken out`, names: [name] };
  if (kind === 1) {
    const added = `extra-${random(1000)}.txt`;
    const all = new Map([...files, [added, Buffer.from("x")] as const]);
    const last = ["report-card.json", "manifest.dsse.json"];
    const order = [...all.keys()].sort((a, b) => last.indexOf(a) - last.indexOf(b) || (a < b ? -1 : 1));
    return { content: new Map(order.map((one_) => [one_, all.get(one_) ?? Buffer.alloc(0)])), what: `${added} added`, names: [added] };
  }
  const lines = old.toString("latin1").split("\n");
  const row = random(lines.length);
  const changed = kind === 2 && lines.length > 2 ? lines.toSpliced(row, 1) : kind === 3 && lines.length > 2 ? lines.toSpliced(row, 0, lines[row] ?? "") : null;
  const bytes = changed ? Buffer.from(changed.join("\n"), "latin1") : old.length === 0 ? Buffer.from("\n") : Buffer.from(old);
  if (!changed && old.length > 0) {
    const at = random(old.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random(8)), at);
  }
  const same = bytes.equals(old);
  return { content: new Map([...files, [name, same ? Buffer.concat([old, Buffer.from(" ")]) : bytes]]), what: `${name} changed (${kind})`, names: [name] };
}

const told = ["asked_at", "state", "decided_at", "voter_ids", "votes", "requester_id", "identity_id", "grant_state", "issued_at", "not_after", "ended_at", "end_reason", "accepted_at", "proven_at", "proof_method", "credential", "policy_hash", "intent"];

/** A column of a row changed in both files alike, or a row taken out of both. */
function otherRow(random: Random): Changed {
  const [rows, csv] = [linesOf("chains.jsonl"), files.get("chains.csv")?.toString("utf8") ?? ""];
  const number = random(rows.length);
  const row = JSON.parse(rows[number] ?? "{}") as Record<string, unknown>;
  const choices = told.filter((column) => typeof row[column] === "string" && row[column] !== "" && !String(row[column]).startsWith("[") && !/["\n]/.test(String(row[column])) && csv.split(String(row[column])).length === 2);
  const column = choices[random(choices.length)];
  if (column === undefined) return entriesChanged(random);
  const old = String(row[column]);
  const value = otherCharacter(old, random(old.length));
  const content = new Map(files);
  content.set("chains.jsonl", joined(rows.with(number, JSON.stringify({ ...row, [column]: value }))));
  content.set("chains.csv", Buffer.from(csv.replace(old, () => value)));
  return { content, what: `${column} of row ${number + 1} is ${value}`, names: ["chains.jsonl", "chains.csv"] };
}

/** The log's entries changed, dropped, swapped, doubled or cut off. */
function entriesChanged(random: Random): Changed {
  const name = "log/entries.jsonl";
  const lines = linesOf(name);
  const index = random(lines.length - 1);
  const line = lines[index] ?? "";
  const next = lines[index + 1] ?? "";
  const at = (offset: number) => new RegExp(`line ${index + 1 + offset} `);
  const with_ = (changed: readonly string[], what: string, where: RegExp): Changed => ({ content: new Map([...files, [name, joined(changed)]]), what: `${what} entry ${index + 1}`, names: [name], at: where });
  const kind = random(5);
  if (kind === 0) return with_(lines.toSpliced(index, 1), "dropped", at(0));
  if (kind === 1 && line !== next) return with_(lines.with(index, next).with(index + 1, line), "swapped", at(0));
  if (kind === 2) return with_(lines.toSpliced(index, 0, line), "doubled", at(1));
  if (kind === 3) return { ...with_(lines.slice(0, index + 1), "cut off behind", /.*/) };
  return with_(lines.with(index, otherCharacter(line, 1 + random(line.length - 2))), "changed", at(0));
}

/** A file whose every character is held by something else in the bundle. */
function besideChanged(random: Random): Changed {
  const names = ["clear.jsonl", "passkey-proofs.jsonl", "policies.jsonl", "tickets.jsonl"];
  const name = names[random(names.length)] ?? "";
  const lines = linesOf(name);
  const index = random(lines.length);
  const line = lines[index] ?? "";
  // Inside the values that hashes are over.
  const value = { "clear.jsonl": /"(?:salt|value)" : "([^"\\]+)/, "policies.jsonl": /"policies" : \{"[^"]+": "([^"\\]+)/, "tickets.jsonl": /"answer" : "([^"]+[^"=]{3})/, "passkey-proofs.jsonl": /"(?:signature|challenge|publicKey|personId)" : "([^"]+)/ }[name];
  const found = value?.exec(line);
  if (!found?.[1]) return entriesChanged(random);
  const at = found.index + found[0].length - found[1].length + random(found[1].length - 1);
  return { content: new Map([...files, [name, joined(lines.with(index, otherCharacter(line, at)))]]), what: `${name} line ${index + 1}, character ${at}`, names: [name], at: new RegExp(`line ${index + 1}\\b`) };
}

/** Proofs, keys, counts. */
function proofChanged(random: Random): Changed {
  const names = ["log/checkpoint.txt", "log/range.json", "log/locator.bin", "log/consistency-from-previous.txt", "keys/log.vkey", ...[...files.keys()].filter((name) => /^keys\/[0-9a-f]+\./.test(name))];
  const name = names[random(names.length)] ?? "";
  const bytes = Buffer.from(files.get(name) ?? Buffer.alloc(0));
  const at = random(bytes.length);
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random(7)), at);
  return { content: new Map([...files, [name, bytes]]), what: `${name}, byte ${at}`, names: [name, name.replace(/json$/, "tlog-proof"), "log/checkpoint.txt", "log/entries.jsonl", "keys/log.vkey", "manifest.dsse.json", "log/consistency-from-previous.txt"] };
}

function countChanged(random: Random): Changed {
  const card = JSON.parse(files.get("report-card.json")?.toString("utf8") ?? "{}") as { counts: Record<string, number | Record<string, number>> };
  const names = Object.keys(card.counts);
  const name = names[random(names.length)] ?? "";
  const old = card.counts[name];
  const counts = { ...card.counts, [name]: typeof old === "number" ? old + 1 : { ...old, approved: 77 } };
  return { content: new Map([...files, ["report-card.json", Buffer.from(`${JSON.stringify({ ...card, counts }, null, 2)}\n`)]]), what: `counts.${name}`, names: ["report-card.json"], at: /counts\./ };
}

const insiders = [entriesChanged, entriesChanged, otherRow, otherRow, besideChanged, proofChanged, countChanged];

describe(`of 10,000 changes of a bundle (seed ${seed})`, () => {
  it("none was needed to pass: unchanged, packed anew or signed anew it holds", async () => {
    expect(await firstWrong(bundle)).toBeNull();
    expect(await firstWrong(bundle)).toBeNull();
    expect(await firstWrong(await packed(files, false))).toBeNull();
    expect(await firstWrong(await packed(files, true))).toBeNull();
    expect((await packed(files, false)).equals(bundle)).toBe(true);
    expect(readArchive(Buffer.from(bundle)).size).toBe(files.size);
  });

  describe.each(Array.from({ length: rounds }, (_, round) => round + 1))("part %i", (round) => {
    it("every change of the archive's bytes is found", async () => {
      const random = randomOf(seed + round);
      for (let count = 0; count < each.bytes; count++) {
        const { bytes, what } = damaged(random);
        if (Buffer.compare(bytes, bundle) !== 0) expect(await firstWrong(bytes), what).not.toBeNull();
      }
    });

    it("every file that is changed, missing or added is found and named", async () => {
      const random = randomOf(seed + 1_000 + round);
      for (let count = 0; count < each.repacked; count++) {
        const { content, what, names } = tampered(random);
        const wrong = await firstWrong(await packed(content, false));
        expect(names, `${what}: ${JSON.stringify(wrong)}`).toContain(wrong?.file);
      }
    });

    it("every change that whoever holds the key for exports signs anew is found, named, and said where", async () => {
      const random = randomOf(seed + 2_000 + round);
      for (let count = 0; count < each.insider; count++) {
        const { content, what, names, at } = insiders[random(insiders.length)]?.(random) ?? entriesChanged(random);
        const wrong = await firstWrong(await packed(content, true));
        expect(names, `${what}: ${JSON.stringify(wrong)}`).toContain(wrong?.file);
        if (at) expect(wrong?.at ?? "", `${what}: ${JSON.stringify(wrong)}`).toMatch(at);
      }
    });
  });
});
