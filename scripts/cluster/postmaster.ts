import { readFile } from "node:fs/promises";
import path from "node:path";
import { commandLine, isAlive } from "../system/processes";

/** What a running server wrote about itself into its data folder. */
export type Postmaster = {
  readonly pid: number;
  readonly port: number;
  readonly status: string;
  /** Whether that process is truly the server of this folder and not a later program with the same id. */
  readonly ours: boolean;
};

/** Reads `postmaster.pid`; null when no server claims the folder. */
export async function readPostmaster(pgdata: string): Promise<Postmaster | null> {
  const text = await readFile(path.join(pgdata, "postmaster.pid"), "utf8").catch(() => null);
  if (text === null) return null;
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return { pid: 0, port: 0, status: "", ours: false };
  const ours = isAlive(pid) && (commandLine(pid)?.includes(pgdata) ?? false);
  return { pid, port: Number(lines[3]), status: (lines[7] ?? "").trim(), ours };
}
