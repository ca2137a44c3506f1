import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { SetupProblem } from "../system/problem";

/** The unprivileged account that PostgreSQL runs as; null means: as we ourselves do. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number } | null;

/** PostgreSQL refuses to run as root, so root lends it an account that every system has. */
export function databaseAccount(): Account {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const wanted of ["postgres", "_postgres", "nobody"]) {
    const fields = lines.find((line) => line.startsWith(`${wanted}:`))?.split(":");
    const uid = Number(fields?.[2]);
    const gid = Number(fields?.[3]);
    if (Number.isInteger(uid) && Number.isInteger(gid) && uid !== 0) return { name: wanted, uid, gid };
  }
  throw new SetupProblem(
    "PostgreSQL does not run as root, and this system has neither an account `postgres` nor `nobody` to run it as. " +
      "Start Curfew as an ordinary user, or add one: useradd --system postgres",
  );
}

/** True when the account may enter a folder and all folders above it. */
export function canEnter(folder: string, account: Account): boolean {
  if (!account) return true;
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const bit = enterBit(current, account);
    if (!bit) return false;
    if (current === path.dirname(current)) return true;
  }
}

function enterBit(folder: string, account: NonNullable<Account>): boolean {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat) return true; // not made yet: we will make it so that it can be entered
  if (stat.uid === account.uid) return (stat.mode & 0o100) !== 0;
  if (stat.gid === account.gid) return (stat.mode & 0o010) !== 0;
  return (stat.mode & 0o001) !== 0;
}
