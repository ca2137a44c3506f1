// What the monitor remembers: the last checkpoint it believed, and the hash of every entry it has seen. Nothing of the
// entries' text. Two files: FILE (JSON) and FILE.leaves (32 bytes an entry).
import { Buffer } from "node:buffer";
import { open, readFile, rename, writeFile } from "node:fs/promises";
import { fromBase64, base64 } from "../verify/formats/bytes.mjs";

/**
 * @typedef {{
 *   url: string, keys: string[], size: number, note: string | null, frontier: string[], rereadFrom: number,
 *   readAt: string | null, alarm: { at: string, what: string, position: number | null } | null,
 * }} State
 */

/** @param {string} file @param {string} url @returns {Promise<State>} */
export async function readState(file, url) {
  let text;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code !== "ENOENT") throw error;
    return { url, keys: [], size: 0, note: null, frontier: [], rereadFrom: 0, readAt: null, alarm: null };
  }
  const state = /** @type {State} */ (JSON.parse(text));
  if (state.url !== url) throw new Error(`${file} is about ${state.url}: one state file for one Curfew`);
  return state;
}

/** @param {string} file @param {State} state */
export async function writeState(file, state) {
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 1)}\n`, { flush: true });
  await rename(`${file}.new`, file);
}

/** @param {State} state */
export const frontierOf = (state) => state.frontier.map((root) => /** @type {Uint8Array} */ (fromBase64(root)));
/** @param {readonly Uint8Array[]} roots */
export const keptFrontier = (roots) => roots.map(base64);

/** Hashes of entries seen, on disk. @param {string} file */
export async function openLeaves(file) {
  const handle = await open(`${file}.leaves`, "a+").then(async (made) => {
    await made.close();
    return open(`${file}.leaves`, "r+");
  });
  return {
    /** @param {number} from @param {number} count */
    async read(from, count) {
      const bytes = Buffer.alloc(count * 32);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, from * 32);
      if (bytesRead < bytes.length) throw new Error(`${file}.leaves is shorter than ${file} says`);
      return Array.from({ length: count }, (_, n) => bytes.subarray(n * 32, n * 32 + 32));
    },
    /** @param {number} from @param {readonly Uint8Array[]} leaves */
    async write(from, leaves) {
      if (leaves.length > 0) await handle.write(Buffer.concat(leaves), 0, leaves.length * 32, from * 32);
    },
    async close() {
      await handle.sync();
      await handle.close();
    },
  };
}
