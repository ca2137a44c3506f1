// `npm test` and `npm run check`: plain Node that installs what is missing and runs every kind of test.
import { ensureInstalled, requireNode } from "./install.mjs";

requireNode();
ensureInstalled();
const { runAll } = await import("./test/run-all.mjs");
process.exit(await runAll({ fast: process.argv.includes("--fast") }));
