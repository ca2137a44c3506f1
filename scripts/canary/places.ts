import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import type { Canary } from "./needles";

/** Searches every row of every table of a database, bytes and JSON included; answers the tables that it went through. */
export async function searchDatabase(canary: Canary, connectionString: string): Promise<string[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1`,
    );
    for (const { name } of tables) {
      // The text of a whole row: bytes are hexadecimal in it, JSON is text.
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      for (const { row } of rows) canary.search(row, `table ${name}`);
    }
    return tables.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** Searches every file below a folder, whatever it holds; answers how many there were. */
export async function searchFolder(canary: Canary, folder: string, except: (file: string) => boolean = () => false): Promise<number> {
  let count = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isFile() || except(path.relative(folder, file))) continue;
    const bytes = await readFile(file).catch(() => null); // a server may have removed it meanwhile
    if (bytes === null) continue;
    canary.searchBytes(bytes, path.relative(folder, file));
    count += 1;
  }
  return count;
}
