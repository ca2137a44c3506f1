import "server-only";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { logger } from "@/lib/platform/logger";
import { findSecrets } from "@/lib/platform/secret-scan";
import { FileProblem } from "./formats/problem";
import { limits } from "./rules";
import type { ReadLine, Rejection, StagedRow } from "./types";

/** What has been read so far. */
export type Tally = {
  linesRead: number;
  linesRejected: number;
  linesPassed: number;
  textsWithheld: number;
  rowsStaged: number;
  asOf: Date | null;
  isPart: boolean;
};

const linesPerBatch = 400;
const longestPiece = 60_000;
const freeFields = ["description", "vendor", "environment", "tags"] as const;
/** Published names of keys, which are no secrets though they look random. */
const knownNames = /\b(?:AKIA|ASIA|AIDA|AROA|ANPA|AGPA)[A-Z0-9]{12,20}\b|\barn:aws[\w-]*:\S+|\btoken\/\S+/g;

type Taken = Extract<ReadLine, { rows: readonly StagedRow[] }>;
type Refused = { readonly line: number } & Rejection;

/** Text without what a table of PostgreSQL's COPY would take for its own marks. */
const escaped = (text: string) => (/[\\\t\n\r]/.test(text) ? text.replace(/\\/g, "\\\\").replace(/\t/g, "\\t").replace(/\n/g, "\\n").replace(/\r/g, "\\r") : text);

/** Names of a row: what it is called by, in clear. */
function namesOf(row: StagedRow): string {
  const facts: Readonly<Record<string, unknown>> = row.facts;
  const said = [row.key, facts["name"], facts["handle"]].filter((text) => typeof text === "string");
  return said.join("\n").replaceAll("\u001f", "\n").replace(knownNames, "name");
}

function freeTextOf(row: StagedRow): string {
  if (row.kind !== "identity" && row.kind !== "entitlement") return "";
  const facts: Readonly<Record<string, unknown>> = row.facts;
  return freeFields.flatMap((field) => facts[field] ?? []).join("\n");
}

function withoutFreeText(row: StagedRow): StagedRow {
  const kept = Object.entries(row.facts).filter(([field]) => !freeFields.some((free) => free === field));
  // The same kind of row with fewer of its optional facts.
  return { ...row, facts: Object.fromEntries(kept) } as StagedRow;
}

/** Kinds of secrets in many texts, looked at together: in pieces of a size that is looked at whole. */
async function kindsIn(texts: readonly string[]): Promise<ReadonlySet<string>> {
  const kinds = new Set<string>();
  const look = async (piece: readonly string[]) => {
    if (piece.length > 0) for (const kind of (await findSecrets(piece.join("\n"))).kinds) kinds.add(kind);
  };
  let piece: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (length + text.length > longestPiece) {
      await look(piece);
      piece = [];
      length = 0;
    }
    piece.push(text);
    length += text.length + 1;
  }
  await look(piece);
  return kinds;
}

/** A name may be a hash or a serial number and look random; anything else that looks like a secret is no name. */
const isSecretName = (kinds: ReadonlySet<string>) => [...kinds].some((kind) => kind !== "random-token");

/** Secrets pass through and never stay: a batch is scanned at once, and row by row only where something was found. */
async function scanned(batch: readonly Taken[], tally: Tally): Promise<(Taken | Refused)[]> {
  const rows = batch.flatMap((taken) => taken.rows);
  const areNamesClean = !isSecretName(await kindsIn(rows.map(namesOf)));
  const areTextsClean = (await kindsIn(rows.map(freeTextOf).filter((text) => text !== ""))).size === 0;
  if (areNamesClean && areTextsClean) return [...batch];
  const answers: (Taken | Refused)[] = [];
  for (const taken of batch) answers.push(await scannedLine(taken, tally));
  return answers;
}

async function scannedLine({ line, rows }: Taken, tally: Tally): Promise<Taken | Refused> {
  const clean: StagedRow[] = [];
  for (const row of rows) {
    if (isSecretName(await kindsIn([namesOf(row)]))) return { line, code: "secret", field: row.kind, about: null };
    const free = freeTextOf(row);
    const isWithheld = free !== "" && (await kindsIn([free])).size > 0;
    if (isWithheld) tally.textsWithheld += 1;
    clean.push(isWithheld ? withoutFreeText(row) : row);
  }
  return { line, rows: clean };
}

/** Entitlements and identities that were staged a moment ago and said the same: thousands of lines name the same few. */
class Repeats {
  private readonly seen = new Set<string>();

  has(text: string): boolean {
    if (this.seen.has(text)) return true;
    if (this.seen.size >= 10_000) this.seen.clear();
    this.seen.add(text);
    return false;
  }
}

export type Staging = {
  readonly importId: string;
  readonly lines: AsyncIterable<ReadLine>;
  readonly tally: Tally;
  readonly onProgress: (tally: Tally) => void;
};

/** Turns lines into the rows of COPY, in pieces of some ten kilobytes; collects what is rejected. */
async function* copyRows({ importId, lines, tally, onProgress }: Staging, refused: Refused[]): AsyncGenerator<string> {
  const repeats = new Repeats();
  let batch: Taken[] = [];
  const reject = (rejection: Refused) => {
    tally.linesRejected += 1;
    if (refused.length < limits.rejectionsKept) refused.push(rejection);
  };
  const flush = async (): Promise<string> => {
    const pieces: string[] = [];
    for (const taken of await scanned(batch, tally)) {
      if (!("rows" in taken)) {
        reject(taken);
        continue;
      }
      for (const row of taken.rows) {
        const facts = JSON.stringify(row.facts);
        if ((row.kind === "entitlement" || row.rank === 1) && repeats.has(`${row.kind}\t${row.key}\t${facts}`)) continue;
        tally.rowsStaged += 1;
        const { kind, key, ref, ref2, rank } = row;
        pieces.push(`${importId}\t${tally.rowsStaged}\t${taken.line}\t${kind}\t${escaped(key)}\t${escaped(ref)}\t${escaped(ref2)}\t${rank}\t${escaped(facts)}\n`);
      }
    }
    batch = [];
    onProgress(tally);
    return pieces.join("");
  };
  for await (const read of lines) {
    if ("file" in read) {
      if (read.file.asOf !== undefined) tally.asOf = new Date(read.file.asOf);
      tally.isPart ||= read.file.isPart === true;
      continue;
    }
    tally.linesRead += 1;
    if (tally.linesRead > limits.lines) throw new FileProblem("too-many", { limit: limits.lines });
    if ("rejected" in read) reject({ line: read.line, ...read.rejected });
    else if ("passed" in read) tally.linesPassed += 1;
    else if (batch.push(read) >= linesPerBatch) yield await flush();
  }
  if (batch.length > 0) yield await flush();
}

const columns = "import_id, seq, line, kind, key, ref, ref2, rank, facts";

/**
 * Reads lines into the staging table in one transaction of its own connection: all of the file, or nothing. Memory does not
 * grow with the file. Answers when everything is committed.
 */
export async function stageLines(staging: Staging): Promise<void> {
  const client = new pg.Client({ connectionString: env.databaseUrl, application_name: "curfew-import" });
  client.on("error", (error) => logger.warn({ event: "import.connection-lost", importId: staging.importId, code: "code" in error ? error.code : undefined }));
  await client.connect();
  const refused: Refused[] = [];
  try {
    await client.query("begin");
    for (const table of ["import_rows", "import_rejections"]) await client.query(`delete from ${table} where import_id = $1`, [staging.importId]);
    const copy = client.query(copyFrom(`copy import_rows (${columns}) from stdin`));
    await pipeline(Readable.from(copyRows(staging, refused), { objectMode: false, highWaterMark: 1 << 18 }), copy);
    await keepRejections(client, staging.importId, refused);
    await client.query("commit");
  } catch (error) {
    throw withoutContent(error);
  } finally {
    // Ends the transaction too, where it is still open.
    await client.end().catch(() => undefined);
  }
}

async function keepRejections(client: pg.Client, importId: string, refused: readonly Refused[]): Promise<void> {
  await client.query(
    `insert into import_rejections (import_id, seq, line, code, field, about)
     select $1, r.seq, r.line, r.code, r.field, r.about
     from unnest($2::int[], $3::int[], $4::text[], $5::text[], $6::text[]) r(seq, line, code, field, about)`,
    [
      importId,
      refused.map((_, index) => index + 1),
      refused.map(({ line }) => line),
      refused.map(({ code }) => code),
      refused.map(({ field }) => field),
      await namesThatAreNone(refused),
    ],
  );
}

/** Names of rejected lines, without those that may be a secret in the wrong column. */
async function namesThatAreNone(refused: readonly Refused[]): Promise<(string | null)[]> {
  const names: (string | null)[] = [];
  for (const { about } of refused) names.push(about !== null && !(await findSecrets(about)).found ? about.slice(0, 80) : null);
  return names;
}

/** The database quotes what it could not read: such an error is told by its code only, since it may hold a line of the file. */
function withoutContent(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) return new AppError("database", `staging an import failed: ${error.code ?? "no code"}`);
  return error;
}
