import { verifyBundle } from "./bundle.mjs";
import { nodePlatform, openFile } from "./node.mjs";

const usage = `Checks a bundle of evidence, offline, with nothing but Node.js.

  curfew verify BUNDLE.zip [--key VKEY]... [--checkpoint FILE] [--json]
  node verify.mjs BUNDLE.zip [the same]

  --key         a verifier key that you have from elsewhere: of the log, or of exports
  --checkpoint  a checkpoint that you kept: the bundle's log has to be the same one
  --json        the result as JSON

Ends with 0 when everything holds, 1 when something is wrong, 2 when there was nothing to check.
`;

/** @param {readonly string[]} args */
function readArguments(args) {
  /** @type {{ files: string[], keys: string[], checkpoint: string | null, json: boolean, wrong: string | null }} */
  const read = { files: [], keys: [], checkpoint: null, json: false, wrong: null };
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    const value = args[index + 1];
    if (arg === "--json") read.json = true;
    else if ((arg === "--key" || arg === "--checkpoint") && value !== undefined) {
      if (arg === "--key") read.keys.push(value);
      else read.checkpoint = value;
      index += 1;
    } else if (arg.startsWith("--")) read.wrong = arg;
    else read.files.push(arg);
  }
  return read;
}

/** @typedef {Awaited<ReturnType<typeof verifyBundle>>} Result */

/** The result in words. @param {Result} result */
export function words({ ok, first, problems, proven, notProven, about }) {
  const lines = [];
  const place = (/** @type {{ file: string, at: string | null }} */ { file, at }) => (at === null ? file : `${file}, ${at}`);
  if (ok) lines.push("The bundle holds.");
  else if (first) lines.push("The bundle does not hold. The first thing that is wrong:", "", `  ${place(first)}: ${first.what}`);
  if (problems.length > 1) lines.push("", "Also:", ...problems.slice(1, 10).map((problem) => `  ${place(problem)}: ${problem.what}`));
  if (typeof about.log === "string") lines.push("", `Report ${about.report ?? "?"} of the log ${about.log} at ${about.size} entries.`);
  if (proven.length > 0) lines.push("", ok ? "Proven:" : "What was found to hold all the same:", ...proven.map((line) => `  - ${line}`));
  if (ok && notProven.length > 0) lines.push("", "Not proven:", ...notProven.map((line) => `  - ${line}`));
  return `${lines.join("\n")}\n`;
}

/** The command line. @param {readonly string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { files, keys, checkpoint, json, wrong } = readArguments(args);
  const [file, ...more] = files;
  if (wrong !== null || file === undefined || more.length > 0) {
    process.stderr.write(usage);
    return 2;
  }
  const { readFile } = await import("node:fs/promises");
  let source;
  let kept = null;
  try {
    source = await openFile(file);
    kept = checkpoint === null ? null : new Uint8Array(await readFile(checkpoint));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  try {
    const result = await verifyBundle({ source, platform: await nodePlatform(), keys, checkpoint: kept });
    process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : words(result));
    return result.ok ? 0 : 1;
  } finally {
    await source.close();
  }
}
