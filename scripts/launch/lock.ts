import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { SetupProblem } from "../system/problem";
import { processIdentity } from "../system/processes";

type Note = { readonly pid: number; readonly identity: string; readonly url: string };

/** Makes sure that only one launcher works on a data folder. Answers how to give the folder back. */
export async function lockFolder(dataDir: string, url: string): Promise<() => Promise<void>> {
  const file = path.join(dataDir, "launcher.json");
  const note: Note = { pid: process.pid, identity: processIdentity(process.pid) ?? String(process.pid), url };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(file, JSON.stringify(note), { flag: "wx", mode: 0o600 });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = await readNote(file);
    if (holder && processIdentity(holder.pid) === holder.identity) {
      throw new SetupProblem(
        `Curfew already runs from ${dataDir} at ${holder.url} (process ${holder.pid}). ` +
          "Stop that one first, or give this one another CURFEW_DATA_DIR and PORT.",
      );
    }
    await rm(file, { force: true }); // left by a hard kill
  }
  throw new SetupProblem(`Another start took ${file} at the same moment. Try again.`);
}

async function readNote(file: string): Promise<Note | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Note;
  } catch {
    return null; // unreadable or just removed: nobody holds it
  }
}
