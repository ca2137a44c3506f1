import "server-only";
import { constants } from "node:fs";
import { open, readdir, realpath, rename, rm } from "node:fs/promises";
import path from "node:path";
import { sendMail } from "@/lib/notifications/mail";
import { parseCheckpoint, parseNote } from "@/lib/ledger/tree/note";
import { consistencyProof, rootOfFirst, type Checkpoint } from "@/lib/ledger/tree/proofs";
import { env } from "@/lib/platform/env";
import { callOutside } from "@/lib/platform/outbound";
import { readStamp, stampRequest } from "./stamps/answer";
import { readCertificates } from "./stamps/signature";
import type { PlaceKind, SendFailure } from "./types";
import { askWitness } from "./witness";

type Place = { readonly id: string; readonly kind: PlaceKind; readonly address: string; readonly mayBeInside: boolean; readonly verifierKey: string | null; readonly certificates: string | null; readonly sentSize: bigint | null };

/** What came of one try, with what the other side signed about the checkpoint. */
export type Sent =
  | { readonly ok: true; readonly cosignature?: { readonly keyName: string; readonly line: string }; readonly stamp?: { readonly token: Uint8Array<ArrayBuffer>; readonly stampedAt: Date; readonly isAnchored: boolean } }
  | { readonly ok: false; readonly code: SendFailure };

/** A checkpoint with the lines of many witnesses is far shorter. */
const longestNote = 65_536;
const nameOf = (size: bigint) => `checkpoint-${String(size).padStart(12, "0")}.txt`;

/** What stands in a file of somebody else's folder: text of the size of a checkpoint, and no link, pipe or device; null otherwise. */
async function readSmall(file: string): Promise<string | null> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  try {
    const seen = await handle?.stat();
    return handle && seen?.isFile() && seen.size <= longestNote ? await handle.readFile("utf8") : null;
  } finally {
    await handle?.close();
  }
}

/**
 * The newest checkpoint in a folder must be one of this very log: a fork, or a restored backup, shows here first. Whoever else
 * writes there is not trusted with more than that. Answers whether this very checkpoint is there already.
 */
async function standing(folder: string, checkpoint: Checkpoint): Promise<"this-one" | "of-this-log" | "other"> {
  const names = (await readdir(folder)).filter((name) => /^checkpoint-\d{12,}\.txt$/.test(name)).toSorted();
  const newest = names.at(-1);
  if (newest === undefined) return "of-this-log";
  const said = parseCheckpoint(parseNote((await readSmall(path.join(folder, newest))) ?? "")?.text ?? "");
  if (!said || said.size > checkpoint.size || newest !== nameOf(said.size)) return "other";
  if (Buffer.compare(await rootOfFirst(said.size), said.root) !== 0) return "other";
  return said.size === checkpoint.size ? "this-one" : "of-this-log";
}

function fileFailure(error: unknown): SendFailure {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return code === "ENOENT" || code === "ENOTDIR" ? "folder-missing" : "not-writable";
}

/** Whether a folder is one of Curfew's own: its data, or the program itself, part of which is served to everybody. */
async function isInside(folder: string): Promise<boolean> {
  const own = await Promise.all([env.dataDir, process.cwd()].map((one) => realpath(one).catch(() => path.resolve(one))));
  return own.some((one) => {
    const inside = path.relative(one, folder);
    return inside === "" || !(inside === ".." || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside));
  });
}

/** Writes what was not there: through no link that somebody put there, and never half. */
async function writeNew(file: string, text: string): Promise<void> {
  const unfinished = `${file}.part`;
  await rm(unfinished, { force: true });
  const handle = await open(unfinished, "wx", 0o644);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}

/** One file a checkpoint, never overwritten: what was there stays, also on a medium that is written once. */
async function writeFileOutside(address: string, checkpoint: Checkpoint): Promise<Sent> {
  try {
    const folder = await realpath(address);
    if (await isInside(folder)) return { ok: false, code: "folder-inside" };
    const there = await standing(folder, checkpoint);
    if (there === "other") return { ok: false, code: "other-log-there" };
    if (there === "of-this-log") await writeNew(path.join(folder, nameOf(checkpoint.size)), checkpoint.note);
    return { ok: true };
  } catch (error) {
    return { ok: false, code: fileFailure(error) };
  }
}

async function mailOut(place: Place, { size, note }: Checkpoint): Promise<Sent> {
  if (env.mail === null) return { ok: false, code: "no-mail-server" };
  const text = [
    `A checkpoint of the ledger of ${env.url}. Keep it: with it anybody can show later whether one of its first ${size} events was changed.`,
    "How to check it: docs/ledger.md of Curfew, or `npx curfew monitor --help`.", "", "-----", note,
  ].join("\n");
  const html = `<p>A checkpoint of the ledger of ${env.url}. Keep it: with it anybody can show later whether one of its first ${size} events was changed.</p><pre>${note.replace(/[<>&]/g, "")}</pre>`;
  const answer = await sendMail({ id: `checkpoint-${size}-${place.id}`, to: place.address, subject: `Checkpoint of ${size} events`, text, html });
  return answer.ok ? { ok: true } : { ok: false, code: answer.code };
}

async function postOut({ address: url, mayBeInside }: Place, { note }: Checkpoint): Promise<Sent> {
  const answer = await callOutside({ method: "POST", url, headers: { "content-type": "text/plain; charset=utf-8" }, body: note, mayBeInside, timeoutMs: 15_000, mostBytes: null });
  if (!answer.ok) return answer;
  return answer.status >= 200 && answer.status < 300 ? { ok: true } : { ok: false, code: "http-status" };
}

async function stampOut({ address: url, mayBeInside, certificates }: Place, { note }: Checkpoint): Promise<Sent> {
  const request = stampRequest(Buffer.from(parseNote(note)?.text ?? "", "utf8"));
  const headers = { "content-type": "application/timestamp-query", accept: "application/timestamp-reply" };
  const answer = await callOutside({ method: "POST", url, headers, body: request.body, mayBeInside, timeoutMs: 15_000, mostBytes: 65_536 });
  if (!answer.ok) return answer;
  if (answer.status !== 200) return { ok: false, code: "http-status" };
  const stamp = readStamp(answer.bytes, request, certificates === null ? null : (readCertificates(certificates) ?? []));
  return stamp.ok ? { ok: true, stamp } : stamp;
}

async function witnessOut(place: Place, checkpoint: Checkpoint): Promise<Sent> {
  const answer = await askWitness({ ...place, knownSize: place.sentSize ?? 0n }, checkpoint, consistencyProof);
  return answer.ok ? { ok: true, cosignature: answer } : answer;
}

/** Takes a checkpoint to one place. Network and files: never inside a transaction. */
export function takeOutside(place: Place, checkpoint: Checkpoint): Promise<Sent> {
  switch (place.kind) {
    case "file":
      return writeFileOutside(place.address, checkpoint);
    case "mail":
      return mailOut(place, checkpoint);
    case "url":
      return postOut(place, checkpoint);
    case "witness":
      return witnessOut(place, checkpoint);
    case "timestamp":
      return stampOut(place, checkpoint);
  }
}
