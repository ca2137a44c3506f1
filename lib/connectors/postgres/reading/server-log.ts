import { escapeIdentifier } from "pg";
import * as z from "zod";
import type { LogReading } from "../../contract";
import type { Db } from "../client";
import { isOfLogin, readRecord, splitRecords, type LogFormat, type LoggedLine } from "./log-lines";

const positionSchema = z.object({ file: z.string(), offset: z.number().int().nonnegative() });
type Position = z.infer<typeof positionSchema>;

const chunkBytes = 1_048_576;
/** Read in one call at most: the rest comes with the next. */
const chunksPerCall = 4;
/** How far back the first reading begins. */
const firstBytes = 64 * chunkBytes;

const settingsRow = z.object({
  collector: z.boolean(),
  connections: z.string(),
  destination: z.string(),
  messages: z.string(),
  lists: z.boolean(),
  reader: z.enum(["own", "server", "none"]),
});

/** A function that only reads the log, made by a superuser, or else the server's own, which reads much more. */
const settings = `
  select current_setting('logging_collector')::bool as collector, current_setting('log_connections') as connections,
    current_setting('log_destination') as destination, current_setting('lc_messages') as messages,
    has_function_privilege('pg_catalog.pg_ls_logdir()', 'execute') as lists,
    case when exists(select from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles o on o.oid = p.proowner
        where n.nspname = 'curfew_log' and p.proname = 'read' and pg_get_function_identity_arguments(p.oid) = 'file text, start bigint, bytes bigint'
          and o.rolsuper and has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute')) then 'own'
      when has_function_privilege('pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)', 'execute') then 'server'
      else 'none' end as reader`;

type Settings = z.infer<typeof settingsRow>;

const formats: readonly (readonly [LogFormat, string])[] = [["jsonlog", ".json"], ["csvlog", ".csv"], ["stderr", ".log"]];

type Reader = { readonly account: string; /** What the names of this installation's logins begin with. */ readonly prefix: string };

/** Reads on from a position in the server's own log: who signed in, whom it refused, and all that it says about logins of this installation. */
export async function readServerLog(db: Db, { account, prefix }: Reader, position: unknown): Promise<LogReading> {
  const found = await db.one(settingsRow, settings);
  const unreadable = whyNot(found, account);
  if (unreadable) return { readable: false, ...unreadable };
  const [format, ending] = formats.find(([name]) => found.destination.includes(name)) ?? ["stderr", ".log"];
  const files = await listFiles(db, ending);
  const given = positionSchema.safeParse(position);
  const start = startOf(files, given.success ? given.data : null);
  if (start === null) return { readable: true, signIns: [], position: null, visibleSince: null, more: false };
  const read = await readOn(db, { files, format, reader: found.reader, prefix }, start.position);
  const times = await timesOf(db, read.own.map((record) => timeIn(record) ?? ""));
  const records = read.own.flatMap((text, index) => (times[index] ? [{ at: times[index], text }] : []));
  const signIns = await withTimes(db, read.lines);
  const first = start.isAnew && read.firstLine !== null ? (await timesOf(db, [read.firstLine]))[0] : null;
  return { readable: true, signIns, position: read.position, visibleSince: first ?? null, more: read.more, own: { format, records } };
}

function whyNot({ collector, connections, messages, lists, reader }: Settings, account: string): { why: string; remedy: string | null } | null {
  const me = escapeIdentifier(account);
  if (!collector) return { why: "the server keeps no log that can be read from inside", remedy: "ALTER SYSTEM SET logging_collector = on -- then restart the server" };
  if (connections === "off" || connections === "") return { why: "the server does not log sign-ins", remedy: "ALTER SYSTEM SET log_connections = 'on'; SELECT pg_reload_conf()" };
  if (!/^(C|POSIX|en)/i.test(messages)) return { why: `the server writes its log in another language (lc_messages = ${messages})`, remedy: "ALTER SYSTEM SET lc_messages = 'C'; SELECT pg_reload_conf()" };
  if (!lists) return { why: "Curfew's account may not list the log's files", remedy: `GRANT pg_monitor TO ${me}` };
  if (reader === "none") return { why: "Curfew's account may not read the log's files", remedy: "-- the function curfew_log.read of docs/connectors.md, \"Sign-ins from the server's log\"" };
  return null;
}

const fileRow = z.object({ name: z.string(), size: z.number() });
type LogFile = z.infer<typeof fileRow>;

/** The log's files, the oldest first. */
function listFiles(db: Db, ending: string): Promise<LogFile[]> {
  return db.rows(fileRow, "select name, size::float8 as size from pg_ls_logdir() where right(name, length($1)) = $1 order by modification, name", [ending]);
}

type Start = { readonly position: Position; /** Nothing is known of what was before. */ readonly isAnew: boolean };

function startOf(files: readonly LogFile[], position: Position | null): Start | null {
  const known = position && files.find(({ name }) => name === position.file);
  if (known && known.size >= position.offset) return { position, isAnew: false };
  // Rotated away or begun anew under the same name: a gap.
  if (known) return { position: { file: known.name, offset: 0 }, isAnew: true };
  let total = 0;
  let begin: LogFile | undefined;
  for (const file of files.toReversed()) {
    total += file.size;
    if (begin !== undefined && total > firstBytes) break;
    begin = file;
  }
  return begin ? { position: { file: begin.name, offset: 0 }, isAnew: true } : null;
}

type Log = { readonly files: readonly LogFile[]; readonly format: LogFormat; readonly reader: Settings["reader"]; readonly prefix: string };
type Read = { readonly lines: LoggedLine[]; readonly own: string[]; readonly firstLine: string | null; readonly position: Position; readonly more: boolean };

async function readOn(db: Db, { files, format, reader, prefix }: Log, start: Position): Promise<Read> {
  const lines: LoggedLine[] = [];
  const own: string[] = [];
  let firstLine: string | null = null;
  let position = start;
  for (let chunk = 0; chunk < chunksPerCall; chunk += 1) {
    const bytes = await readChunk(db, reader, position);
    // One letter for one byte, so that letters count as offsets; what matters is ASCII or comes out of JSON and CSV whole.
    const { records, consumed } = splitRecords(bytes.toString("latin1"), format);
    for (const record of records) {
      const whole = Buffer.from(record, "latin1").toString("utf8");
      firstLine ??= timeIn(whole);
      const line = readRecord(whole, format);
      if (line) lines.push(line);
      if (isOfLogin(whole, format, prefix)) own.push(whole);
    }
    const skipped = consumed === 0 && bytes.length === chunkBytes ? bytes.length : consumed;
    position = { file: position.file, offset: position.offset + skipped };
    if (bytes.length === chunkBytes) continue;
    const next = files[files.findIndex(({ name }) => name === position.file) + 1];
    if (next === undefined) return { lines, own, firstLine, position, more: false };
    position = { file: next.name, offset: 0 };
  }
  return { lines, own, firstLine, position, more: true };
}

async function readChunk(db: Db, reader: Settings["reader"], { file, offset }: Position): Promise<Buffer> {
  const call = reader === "own" ? "curfew_log.read($1, $2::bigint, $3::bigint)" : "pg_read_binary_file(current_setting('log_directory') || '/' || $1, $2::bigint, $3::bigint, true)";
  const { bytes } = await db.one(z.object({ bytes: z.instanceof(Buffer).nullable() }), `select ${call} as bytes`, [file, offset, chunkBytes]);
  return bytes ?? Buffer.alloc(0);
}

const timeIn = (record: string): string | null => /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?/.exec(record)?.[0] ?? null;

/** The log's times are wall clock times of the server's log_timezone; the server turns them into times. */
async function timesOf(db: Db, texts: readonly string[]): Promise<Date[]> {
  const rows = await db.rows(
    z.object({ at: z.date() }),
    "select (left(t, 23)::timestamp at time zone current_setting('log_timezone')) as at from unnest($1::text[]) with ordinality as given(t, n) order by n",
    [texts],
  );
  return rows.map(({ at }) => at);
}

async function withTimes(db: Db, lines: readonly LoggedLine[]) {
  const times = await timesOf(db, lines.map(({ at }) => timeIn(at) ?? at));
  return lines.flatMap(({ name, clientAddress, applicationName, outcome }, index) => {
    const at = times[index];
    return at === undefined ? [] : [{ name, at, clientAddress, applicationName, outcome }];
  });
}
