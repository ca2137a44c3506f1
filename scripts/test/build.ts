import { mkdir } from "node:fs/promises";
import path from "node:path";
import { build, isBuilt } from "../launch/build";
import { describeFailure } from "../system/problem";
import { writeSingleFile } from "../verify/single-file.mjs";

/** The production build that the browser tests run on; made only when sources have changed. */
const logs = path.resolve(".next-test");
await mkdir(logs, { recursive: true });
const place = { root: path.resolve("."), distDir: ".next-test", logFile: path.join(logs, "build.log") };
try {
  writeSingleFile();
  if (!(await isBuilt(place))) await build(place);
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
