import { existsSync } from "node:fs";
import { rename, stat } from "node:fs/promises";
import path from "node:path";
import { makeFolder } from "../cluster/place";

/** Where the launcher keeps what. */
export type Folders = {
  readonly root: string;
  readonly secrets: string;
  readonly logs: string;
  readonly run: string;
  /** `postgres/app` and `postgres/target`. */
  readonly clusters: string;
};

const longestLog = 10 * 1024 * 1024;

/** Makes the data folder. As root it can be entered (not read) by PostgreSQL's own account; what is in it cannot. */
export async function makeFolders(dataDir: string): Promise<Folders> {
  const asRoot = process.getuid?.() === 0;
  const folders = {
    root: dataDir,
    secrets: path.join(dataDir, "secrets"),
    logs: path.join(dataDir, "logs"),
    run: path.join(dataDir, "run"),
    clusters: path.join(dataDir, "postgres"),
  };
  await makeFolder(folders.root, asRoot ? 0o711 : 0o700);
  await makeFolder(folders.clusters, asRoot ? 0o711 : 0o700);
  for (const folder of [folders.secrets, folders.logs, folders.run]) await makeFolder(folder, 0o700);
  return folders;
}

/** The log file of one part; what grew long in earlier starts is put aside once. */
export async function logFile(folders: Folders, name: string): Promise<string> {
  const file = path.join(folders.logs, `${name}.log`);
  if (existsSync(file) && (await stat(file)).size > longestLog) await rename(file, `${file}.1`);
  return file;
}
