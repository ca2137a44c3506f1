import type { CredentialFacts, ReadLine, StagedRow } from "../../types";
import { readCsv } from "../csv";
import { FileProblem } from "../problem";
import { credentialRow, flag, identityRow, later, rejected, time, Unfit } from "../values";

const needed = ["user", "arn", "user_creation_time"];
/** Since when AWS tells the last use of passwords and of access keys (IAM user guide). */
const passwordsSince = "2014-10-20T00:00:00.000Z";
const keysSince = "2015-04-22T00:00:00.000Z";
const arnForm = /^arn:aws[\w-]*:iam::\d{12}:(?:root|user\/[\w+=,.@/-]{1,600})$/;

type Cells = (column: string) => string;

/** The IAM credential report: one line per user, by the names of its columns, whatever else there is. */
export async function* readAwsCredentialReport(text: AsyncIterable<string>, { head }: { head: string }): AsyncGenerator<ReadLine> {
  let index: ReadonlyMap<string, number> | null = null;
  let width = 0;
  for await (const { line, cells, why } of readCsv(text, head)) {
    if (!cells) yield rejected(line, { code: why ?? "quotes", field: null });
    else if (index === null) {
      index = new Map(cells.map((heading, at) => [heading.trim().toLowerCase(), at]));
      width = cells.length;
      const missing = needed.filter((column) => !index?.has(column));
      if (missing.length > 0) throw new FileProblem("no-such-columns", { columns: missing.join(", ") });
    } else if (cells.length !== width) yield rejected(line, { code: "columns", field: null });
    else {
      const at = index;
      yield readUser(line, (column) => cells[at.get(column) ?? -1]?.trim() ?? "");
    }
  }
}

function readUser(line: number, cell: Cells): ReadLine {
  const arn = cell("arn");
  if (!arnForm.test(arn)) return rejected(line, { code: "value", field: "arn" });
  const isRoot = arn.endsWith(":root");
  const name = isRoot ? `root of ${arn.split(":")[4] ?? ""}` : cell("user");
  if (name === "" || name.length > 200) return rejected(line, { code: "missing", field: "user" });
  const problems: Unfit[] = [];
  const fits = <Value>(value: Value | Unfit): Value | null => {
    if (!(value instanceof Unfit)) return value;
    problems.push(value);
    return null;
  };
  const at = (column: string) => fits(time(cell(column), column));
  const on = (column: string) => fits(flag(cell(column), column)) ?? false;
  const createdAt = at("user_creation_time");
  const password = passwordOf(arn, { cell, at, on, isRoot, createdAt });
  const keys = [1, 2].flatMap((number) => keyOf(arn, { number, cell, at, on }));
  const certificates = [1, 2].flatMap((number) => certificateOf(arn, { number, cell, at, on }));
  const [problem] = problems;
  if (problem) return rejected(line, { code: problem.code, field: problem.field, about: name });
  const credentials = [...password, ...keys, ...certificates];
  const identity = identityRow(arn, { name, kind: "service-account", createdAt, visibleSince: later(createdAt, keysSince) });
  return { line, rows: [identity, ...credentials] };
}

type Reading = { readonly cell: Cells; readonly at: (column: string) => string | null; readonly on: (column: string) => boolean };

/** A password that is there. Of root AWS does not say whether one is; it always has one. */
function passwordOf(arn: string, { cell, at, on, isRoot, createdAt }: Reading & { isRoot: boolean; createdAt: string | null }): StagedRow[] {
  if (!isRoot && !on("password_enabled")) return [];
  const facts: CredentialFacts = {
    handle: isRoot ? "root sign-in" : `${cell("user")} sign-in`,
    kind: "password",
    createdAt: isRoot ? createdAt : null,
    rotatedAt: at("password_last_changed"),
    expiresAt: at("password_next_rotation"),
    lastUsedAt: at("password_last_used"),
    isEnabled: true,
    visibleSince: later(createdAt, passwordsSince),
  };
  return [credentialRow(`${arn}#password`, arn, facts)];
}

function keyOf(arn: string, { number, at, on }: Reading & { number: number }): StagedRow[] {
  const rotatedAt = at(`access_key_${number}_last_rotated`);
  const isEnabled = on(`access_key_${number}_active`);
  if (!isEnabled && rotatedAt === null) return [];
  const lastUsedAt = at(`access_key_${number}_last_used_date`);
  const facts: CredentialFacts = { handle: `access key ${number}`, kind: "access-key", rotatedAt, isEnabled, lastUsedAt, visibleSince: later(rotatedAt, keysSince) };
  return [credentialRow(`${arn}#access-key-${number}`, arn, facts)];
}

function certificateOf(arn: string, { number, at, on }: Reading & { number: number }): StagedRow[] {
  const rotatedAt = at(`cert_${number}_last_rotated`);
  const isEnabled = on(`cert_${number}_active`);
  if (!isEnabled && rotatedAt === null) return [];
  return [credentialRow(`${arn}#certificate-${number}`, arn, { handle: `signing certificate ${number}`, kind: "certificate", rotatedAt, isEnabled, visibleSince: null })];
}
