import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describeFailure, SetupProblem } from "../system/problem";
import { missingSql, schemaFiles } from "./schema-difference";
import { say } from "../launch/terminal";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const migrations = path.join(root, "prisma/migrations");

async function main(): Promise<void> {
  const name = process.argv[3] ?? "";
  if (!/^[a-z0-9_]{3,60}$/.test(name)) throw new SetupProblem("Expected a name: npm run migration -- add_teams");
  const sql = await missingSql(migrations, await schemaFiles(path.join(root, "prisma/schema")));
  if (sql === null) {
    say("The migrations already say what the schema says: nothing written.");
    return;
  }
  const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const file = path.join(migrations, `${stamp}_${name}`, "migration.sql");
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, sql);
  say(`Written: ${path.relative(root, file)}. Read it before you commit it.`);
}

process.exit(
  await main().then(
    () => 0,
    (error: unknown) => {
      console.error(describeFailure(error));
      return 1;
    },
  ),
);
