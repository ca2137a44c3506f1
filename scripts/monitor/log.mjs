// Reads a log as C2SP tlog-tiles serves it.
import { Buffer } from "node:buffer";

/** The log cannot be read now: no statement about what it holds. */
export class Unreachable extends Error {}

const width = 256;
const mostBytes = 256 * 65_537;

/** @param {number} index */
function tileName(index) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  return digits.match(/.{3}/g)?.map((part, n, all) => (n === all.length - 1 ? part : `x${part}`)).join("/") ?? "";
}

/** @param {number} tile @param {number} count */
const partOf = (tile, count) => `${tileName(tile)}${count === width ? "" : `.p/${count}`}`;

/** @param {string} url of the log, such as https://curfew.example.com/api/log @param {string | null} token */
export function openLog(url, token) {
  /** @param {string} path */
  async function get(path) {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const answer = await globalThis.fetch(`${url}/${path}`, { headers, redirect: "error", signal: globalThis.AbortSignal.timeout(30_000) }).catch((error) => {
      throw new Unreachable(`${url}/${path}: ${error instanceof Error ? String(error.cause ?? error.message) : error}`);
    });
    if (!answer.ok) throw new Unreachable(`${url}/${path} answered ${answer.status}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (bytes.length > mostBytes) throw new Unreachable(`${url}/${path} is larger than it can be`);
    return bytes;
  }
  return {
    checkpoint: () => get("checkpoint"),
    keys: async () => /** @type {{ keys: { vkey: string, announcedIn: string | null }[] }} */ (JSON.parse((await get("keys")).toString("utf8"))).keys,
    /** Entries of one bundle, as far as they are there. @param {number} tile @param {number} count */
    async entries(tile, count) {
      const bytes = await get(`tile/entries/${partOf(tile, count)}`);
      const entries = [];
      for (let at = 0; at + 2 <= bytes.length && entries.length < count; ) {
        const length = bytes.readUInt16BE(at);
        if (at + 2 + length > bytes.length) break;
        entries.push(bytes.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
      return entries;
    },
    /** Leaf hashes that the log says it has; null where it does not say. @param {number} tile @param {number} count */
    async hashes(tile, count) {
      const bytes = await get(`tile/0/${partOf(tile, count)}`).catch(() => null);
      return bytes?.length === count * 32 ? Array.from({ length: count }, (_, n) => bytes.subarray(n * 32, n * 32 + 32)) : null;
    },
  };
}

/** @typedef {ReturnType<typeof openLog>} Log */

/** Bundles that positions from `from` to before `to` are in. @param {number} from @param {number} to */
export function* bundlesOf(from, to) {
  for (let tile = Math.floor(from / width); tile * width < to; tile++) yield { tile, start: tile * width, count: Math.min(width, to - tile * width) };
}
