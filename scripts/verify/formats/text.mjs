import { concat, must, textOf } from "./bytes.mjs";

const longestLine = 64 * 2 ** 20;

/**
 * The lines of a file, in batches as its chunks come: `lines(chunk)` are views of bytes without their line ends and hold
 * until the next batch.
 * @param {string} file
 * @param {AsyncIterable<Uint8Array>} chunks
 * @returns {AsyncGenerator<Uint8Array[]>}
 */
export async function* lineBatches(file, chunks) {
  /** @type {Uint8Array[]} */
  let rest = [];
  let restLength = 0;
  for await (const chunk of chunks) {
    const lines = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = chunk.subarray(start, end);
      lines.push(restLength === 0 ? line : concat([...rest, line]));
      if (restLength > 0) [rest, restLength] = [[], 0];
      start = end + 1;
    }
    if (start < chunk.length) {
      rest.push(chunk.slice(start));
      restLength += chunk.length - start;
      must(restLength <= longestLine, file, "has a line longer than any can be");
    }
    yield lines;
  }
  must(restLength === 0, file, "does not end with a line end: its last line is cut off");
}

/** JSON Lines: each line parsed, with its number from 1. @param {string} file @param {AsyncIterable<Uint8Array>} chunks */
export async function* jsonLines(file, chunks) {
  let number = 0;
  for await (const batch of lineBatches(file, chunks)) {
    for (const line of batch) {
      number += 1;
      const text = textOf(line);
      let value;
      try {
        value = /** @type {unknown} */ (JSON.parse(text ?? ""));
      } catch {
        must(false, file, "is no JSON", `line ${number}`);
      }
      yield { number, value };
    }
  }
}

/**
 * Records of CSV (RFC 4180, LF), each with the number of the line that it begins in. A value in quotes is a text, one
 * without may be null where it is empty.
 * @param {string} file
 * @param {AsyncIterable<Uint8Array>} chunks
 */
export async function* csvRecords(file, chunks) {
  let before = "";
  let number = 0;
  let begins = 1;
  for await (const batch of lineBatches(file, chunks)) {
    for (const bytes of batch) {
      number += 1;
      const line = textOf(bytes);
      must(line !== null, file, "is not UTF-8", `line ${number}`);
      const text = before === "" ? line : `${before}\n${line}`;
      // A record goes on while a quote is open.
      if (isOpen(text)) {
        before = text;
        must(before.length <= longestLine, file, "has a value longer than any can be", `line ${begins}`);
        continue;
      }
      yield { number: begins, values: split(file, begins, text) };
      before = "";
      begins = number + 1;
    }
  }
  must(before === "", file, "a value in quotes has no end", `line ${begins}`);
}

/** @param {string} text */
function isOpen(text) {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count += 1;
  return count % 2 === 1;
}

/** @param {string} file @param {number} number @param {string} text */
function split(file, number, text) {
  if (!text.includes('"')) return text.split(",").map((value) => (value === "" ? null : value));
  /** @type {(string | null)[]} */
  const values = [];
  const pattern = /("(?:[^"]|"")*"|[^",]*)(,|$)/gy;
  for (;;) {
    const found = pattern.exec(text);
    must(found, file, "is no record of CSV", `line ${number}`);
    const [, value = "", end] = found;
    values.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value === "" ? null : value);
    if (end === "") return values;
  }
}
