// Follows the ledger of a running Curfew from outside: `npx curfew monitor URL --state FILE`.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { nodePlatform } from "../verify/core/node.mjs";
import { openLog, Unreachable } from "./log.mjs";
import { Alarm, round } from "./round.mjs";
import { openLeaves, readState, writeState } from "./state.mjs";

const usage = `Follows the ledger of a running Curfew from outside, and says at which position it was changed.

  npx curfew monitor URL --state FILE [--key VKEY]… [--token-file FILE] [--checkpoint FILE]… [--once] [--every SECONDS] [--reread N | --all]

  URL             of the ledger, such as https://curfew.example.com/api/log
  --state         what is remembered between rounds (and FILE.leaves: 32 bytes an event); keep it where Curfew's administrators cannot write
  --key           verifier key that checkpoints must be signed with; without one, the first round trusts what Curfew says
  --token-file    holds the token from Settings, Checkpoints (or CURFEW_LOG_TOKEN)
  --checkpoint    a checkpoint that came another way (a mail, a file): it must be of the same log
  --once          one round; exit code 0: all as it was, 1: alarm, 2: could not look
  --every         seconds between rounds (default 60)
  --reread        bundles of 256 old events read again in each round (default 64); --all: every one
`;

/** @param {readonly string[]} args */
function read(args) {
  const { values, positionals } = parseArgs({
    args: [...args], allowPositionals: true,
    options: {
      state: { type: "string" }, key: { type: "string", multiple: true }, "token-file": { type: "string" }, checkpoint: { type: "string", multiple: true },
      once: { type: "boolean" }, every: { type: "string" }, reread: { type: "string" }, all: { type: "boolean" },
    },
  });
  const url = positionals[0]?.replace(/\/+$/, "");
  const [every, bundles] = [Number(values.every ?? 60), values.all ? Infinity : Number(values.reread ?? 64)];
  if (url === undefined || positionals.length > 1 || !/^https?:\/\//.test(url) || !values.state || !(every >= 1) || !(bundles >= 1)) return null;
  return { url, file: values.state, keys: values.key ?? [], tokenFile: values["token-file"], checkpoints: values.checkpoint ?? [], once: values.once ?? false, every, bundles };
}

const say = (/** @type {object} */ line) => process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`);

/** One round, from state to state. @param {NonNullable<ReturnType<typeof read>>} options @param {string | null} token */
async function once(options, token) {
  const { url, file, bundles } = options;
  const [platform, state, leaves] = [await nodePlatform(), await readState(file, url), await openLeaves(file)];
  const log = openLog(url, token);
  try {
    if (state.keys.length === 0) {
      state.keys = options.keys.length > 0 ? [...options.keys] : (await log.keys()).map(({ vkey }) => vkey);
      if (options.keys.length === 0) process.stderr.write(`Trusting on first use: ${state.keys.join(" ")}\nCompare it with what Settings, Checkpoints shows, or give it with --key.\n`);
    }
    const others = await Promise.all(options.checkpoints.map((name) => readFile(name)));
    const seen = await round({ platform, log, leaves, state }, { bundles, others });
    Object.assign(state, { readAt: new Date().toISOString(), alarm: null });
    await writeState(file, state);
    say({ ok: true, ...seen });
    return 0;
  } catch (error) {
    if (error instanceof Unreachable) {
      say({ ok: null, unreachable: error.message });
      return 2;
    }
    if (!(error instanceof Alarm)) throw error;
    // What was believed stays what it was: the alarm is repeated until the log is again what was seen.
    const known = await readState(file, url);
    known.keys = state.keys;
    known.alarm = { at: new Date().toISOString(), what: error.what, position: error.position };
    await writeState(file, known);
    process.stderr.write(`ALARM ${error.message}\n`);
    say({ ok: false, what: error.what, position: error.position });
    return 1;
  } finally {
    await leaves.close();
  }
}

/** @param {readonly string[]} args */
export async function main(args) {
  let options = null;
  try {
    options = read(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  if (!options) {
    process.stderr.write(usage);
    return 2;
  }
  const token = options.tokenFile ? (await readFile(options.tokenFile, "utf8")).trim() : (process.env.CURFEW_LOG_TOKEN ?? null);
  for (;;) {
    const code = await once(options, token);
    if (options.once) return code;
    await sleep(options.every * 1_000);
  }
}
