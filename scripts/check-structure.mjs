// Checks the folder tree against the house rules. Prints every breach; ends with 1 when there is one.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const { features, infrastructure, vocabulary, parts, subfolders, crowded } = createRequire(import.meta.url)("./structure.cjs");

const folders = ["app", "components", "lib", "scripts", "prisma", "e2e"];
const longestFile = 400;
const fullestFolder = 15;
const saysNothing = /(^|[.-])(utils?|helpers?|common|misc|shared|manager)([.-]|$)/;
const isTest = (name) => /\.(test|spec)\.tsx?$|^test-/.test(name) || name === "conformance.ts";
const isCode = (name) => /\.(ts|tsx|mjs|cjs|js|css)$/.test(name);

/** Every breach below `root`, as sentences. */
export function findBreaches(root) {
  const breaches = [];
  for (const folder of folders) if (existsSync(path.join(root, folder))) visit(root, folder, breaches);
  checkLib(root, breaches);
  return breaches;
}

function visit(root, folder, breaches) {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && isCode(entry.name));
  const counted = files.filter((entry) => !isTest(entry.name)).length;
  const limit = crowded[folder] ?? fullestFolder;
  if (counted > limit) breaches.push(`${folder} holds ${counted} files; the limit is ${limit}`);
  for (const { name } of files) checkFile(root, `${folder}/${name}`, breaches);
  for (const entry of entries.filter((candidate) => candidate.isDirectory())) {
    if (saysNothing.test(entry.name)) breaches.push(`${folder}/${entry.name}: a name that says nothing`);
    if (entry.name !== "generated" && entry.name !== "migrations") visit(root, `${folder}/${entry.name}`, breaches);
  }
}

function checkFile(root, file, breaches) {
  const name = path.basename(file);
  if (!/^[a-z0-9.[\]_-]+$/.test(name)) breaches.push(`${file}: file names are kebab-case`);
  if (saysNothing.test(name)) breaches.push(`${file}: a name that says nothing`);
  if (/^index\.tsx?$/.test(name) && !/^lib\/connectors\/[^/]+\/index\.ts$/.test(file)) {
    breaches.push(`${file}: no index files but a connector's`);
  }
  const lines = readFileSync(path.join(root, file), "utf8").split("\n").length - 1;
  if (lines > longestFile && !isTest(name)) breaches.push(`${file} has ${lines} lines; the limit is ${longestFile}`);
}

function checkLib(root, breaches) {
  const lib = path.join(root, "lib");
  if (!existsSync(lib)) return;
  for (const entry of readdirSync(lib, { withFileTypes: true })) {
    if (!entry.isDirectory()) breaches.push(`lib/${entry.name}: files belong into a feature or a part of the infrastructure`);
    else if (features.includes(entry.name)) checkFeature(root, entry.name, breaches);
    else if (!infrastructure.includes(entry.name)) breaches.push(`lib/${entry.name} is neither a feature nor infrastructure`);
  }
}

function checkFeature(root, feature, breaches) {
  const allowed = new Set([...vocabulary, ...Object.keys(parts[feature] ?? {})]);
  for (const entry of readdirSync(path.join(root, "lib", feature), { withFileTypes: true })) {
    const file = `lib/${feature}/${entry.name}`;
    if (entry.isDirectory() && (entry.name === "views" || subfolders[feature]?.includes(entry.name))) continue;
    if (entry.isDirectory()) breaches.push(`${file}: a feature has no folder but views`);
    else if (!isTest(entry.name) && !allowed.has(entry.name.replace(/\.ts$/, ""))) {
      breaches.push(`${file} is not one of ${[...allowed].join(", ")} (scripts/structure.cjs)`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.resolve(process.argv[2] ?? ".");
  const breaches = findBreaches(root);
  for (const breach of breaches) console.error(breach);
  console.log(breaches.length === 0 ? "The structure is as it should be." : `${breaches.length} breaches of the structure.`);
  process.exit(breaches.length === 0 ? 0 : 1);
}
