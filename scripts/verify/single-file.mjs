// Makes one file of the verifier's modules: it goes into each bundle (Node.js alone) and to browsers (as a worker). Same
// modules in, same bytes out.
//
//   node scripts/verify/single-file.mjs      writes public/verify.mjs, as whatever starts, builds or tests Curfew does
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const folder = path.dirname(fileURLToPath(import.meta.url));
/** Each stands behind those that it imports. */
const modules = [
  ...["bytes", "sha256", "merkle", "signed", "archive", "text", "passkey", "sample"].map((name) => `formats/${name}`),
  ...["facts", "reading", "log", "beside", "card", "rows", "refused", "matching", "sampled", "stamps", "bundle", "node", "command", "web"].map((name) => `core/${name}`),
];

export const target = path.join(folder, "../../public/verify.mjs");

const head = `// Checks a bundle of Curfew's evidence (docs/evidence-bundle.md). Needs nothing but Node.js 18 or later, and no network:
//
//   node verify.mjs BUNDLE.zip [--key VKEY]... [--checkpoint FILE] [--json]
//
// Made by scripts/verify/single-file.mjs out of scripts/verify. Take it from a source that you trust rather than from the
// bundle that it is to check.
`;

const tail = `
const isNode = typeof process === "object" && typeof process.versions?.node === "string";
if (isNode) {
  const [{ realpathSync }, { fileURLToPath }] = await Promise.all([import("node:fs"), import("node:url")]);
  if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) process.exitCode = await $command.main(process.argv.slice(2));
} else if (typeof WorkerGlobalScope === "function" && self instanceof WorkerGlobalScope) {
  $web.serve(self);
}

export const { verifyBundle } = $bundle;
export const { nodePlatform, openFile } = $node;
`;

/** A module as a constant that holds what it exports. */
function wrapped(file) {
  const name = path.basename(file);
  const source = readFileSync(path.join(folder, `${file}.mjs`), "utf8");
  const exported = [...source.matchAll(/^export (?:async )?(?:function\*?|class|const) (\w+)/gm)].map(([, one]) => one);
  const body = source
    .replace(/^import \* as (\w+) from "\.{1,2}\/(?:formats\/)?([\w-]+)\.mjs";$/gm, "const $1 = $$$2;")
    .replace(/^import (\{[^}]*\}) from "\.{1,2}\/(?:formats\/)?([\w-]+)\.mjs";$/gm, "const $1 = $$$2;")
    .replace(/^export /gm, "")
    .trim();
  if (/^(import|export)\b/m.test(body)) throw new Error(`${name}.mjs imports or exports in a way that is not known here`);
  return `const $${name} = (() => {\n${body}\n\nreturn { ${exported.join(", ")} };\n})();\n`;
}

/** The one file. */
export function singleFile() {
  return [head, ...modules.map(wrapped)].join("\n") + tail;
}

/** Writes it where it is served from, unless it stands there already. Several may do so at once: nobody reads half of it. */
export function writeSingleFile(file = target) {
  const wanted = singleFile();
  if (textOf(file) === wanted) return;
  const unfinished = `${file}.${process.pid}.part`;
  try {
    writeFileSync(unfinished, wanted, { mode: 0o644 });
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeSingleFile();
