import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { SetupProblem } from "../system/problem";
import { canEnter, type Account } from "./account";

/** Makes a folder with exactly these permissions, whatever the umask. */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, mode);
}

/** Makes a folder below another, and those between, all with these permissions. */
export async function makeFolderBelow(base: string, below: string, mode: number): Promise<string> {
  let current = base;
  await makeFolder(current, mode);
  for (const name of below.split(path.sep).filter(Boolean)) {
    current = path.join(current, name);
    await makeFolder(current, mode);
  }
  return current;
}

/**
 * Where PostgreSQL's files go. Usually the data folder itself; when PostgreSQL's own account cannot enter that (a
 * checkout under /root), a folder outside, written down in `location` so that it is found again and can be deleted.
 */
export async function placeFor(dataDir: string, account: Account): Promise<string> {
  const note = path.join(dataDir, "location");
  if (existsSync(note)) {
    const noted = (await readFile(note, "utf8")).trim();
    if (!path.isAbsolute(noted)) throw new SetupProblem(`${note} should hold the absolute path of a folder.`);
    await requireOurs(noted, dataDir);
    await makeFolder(noted, 0o711);
    return noted;
  }
  if (canEnter(dataDir, account)) return dataDir;
  // Random: whoever deletes the data folder begins anew and does not meet the old database without its password.
  const place = path.join(await outsideFolder(account), randomBytes(8).toString("hex"));
  await makeFolder(place, 0o711);
  await writeFile(path.join(place, "belongs-to"), `${path.resolve(dataDir)}\n`, { mode: 0o600 });
  await writeFile(note, `${place}\n`, { mode: 0o600 });
  return place;
}

/** A copied data folder would otherwise share the database of the one that it was copied from. */
async function requireOurs(place: string, dataDir: string): Promise<void> {
  const owner = (await readFile(path.join(place, "belongs-to"), "utf8").catch(() => "")).trim();
  if (owner === "" || owner === path.resolve(dataDir)) return;
  throw new SetupProblem(
    `${path.join(dataDir, "location")} names ${place}, the database of ${owner}. Delete ${dataDir} to begin anew here.`,
  );
}

/** A folder of ours that PostgreSQL's account can enter and that nobody else could have prepared for us. */
export async function outsideFolder(account: Account): Promise<string> {
  const candidates = ["/var/lib/curfew", path.join(os.tmpdir(), `curfew-${process.getuid?.() ?? 0}`)];
  for (const folder of candidates) {
    try {
      await makeFolder(folder, 0o711);
    } catch {
      continue; // read-only system, or somebody else's: try the next
    }
    const stat = await lstat(folder);
    if (stat.isDirectory() && stat.uid === process.getuid?.() && canEnter(folder, account)) return folder;
  }
  throw new SetupProblem(
    `PostgreSQL runs as ${account?.name ?? "you"} and can enter none of ${candidates.join(", ")}. ` +
      "Set CURFEW_DATA_DIR to a folder that every user may enter.",
  );
}
