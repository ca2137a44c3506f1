import type { LoggedUse, StatementLine } from "../types";
import { cellsOf } from "./csv-cells";
import { auditKey } from "./audit-pairs";
import { isFields, textAt, textOf } from "./fields";
import { readStatements } from "./statement";
import { timeOf } from "./times";
import { useOf, type RecordReading } from "./use";

/** What of a record matters, whichever format it has. */
type Entry = {
  readonly time: string | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly host: string | null;
  /** The server's own name of the connection: when it began and its process. */
  readonly session: string | null;
  readonly number: string | null;
  readonly severity: string;
  readonly state: string;
  readonly message: string;
  readonly statement: string;
  readonly application: string | null;
};

const longestMessage = 262_144;

/** Reads one record of a jsonlog (PostgreSQL 15 and later). `at` where the time is known otherwise. */
export function readJsonRecord(record: string, at?: Date): RecordReading {
  let json: unknown;
  try {
    json = JSON.parse(record);
  } catch {
    return { rejected: "not-json" };
  }
  if (!isFields(json) || !("timestamp" in json) || !("error_severity" in json)) return { rejected: "not-this-format" };
  const long = (name: string): string => {
    const value = json[name];
    return typeof value === "string" ? value.slice(0, longestMessage) : "";
  };
  return readEntry(
    {
      time: textAt(json, "timestamp"), user: textAt(json, "user"), database: textAt(json, "dbname"), host: textAt(json, "remote_host"),
      session: textAt(json, "session_id"), number: textAt(json, "line_num"),
      severity: long("error_severity"), state: long("state_code"), message: long("message"), statement: long("statement"), application: textAt(json, "application_name"),
    },
    at,
  );
}

/** Columns of a csvlog; newer servers only add some at the end. */
const column = { time: 0, user: 1, database: 2, host: 4, session: 5, number: 6, severity: 11, state: 12, message: 13, statement: 19, application: 22 } as const;

/** Reads one record of a csvlog. `at` where the time is known otherwise. */
export function readCsvRecord(record: string, at?: Date): RecordReading {
  const cells = cellsOf(record);
  if (cells === null) return { rejected: "not-csv" };
  if (cells.length <= column.application) return { rejected: "not-this-format" };
  const cell = (name: keyof typeof column): string => cells[column[name]] ?? "";
  const short = (name: keyof typeof column) => textOf(cell(name));
  // "10.0.0.7:51234" and "[::1]:51234"; "[local]" has no port.
  const host = textOf(cell("host").replace(/:\d+$/, ""));
  return readEntry(
    {
      host, time: short("time"), user: short("user"), database: short("database"), session: short("session"), number: short("number"),
      severity: cell("severity"), state: cell("state"), message: cell("message").slice(0, longestMessage), statement: cell("statement").slice(0, longestMessage),
      application: short("application"),
    },
    at,
  );
}

function readEntry(entry: Entry, known: Date | undefined): RecordReading {
  const at = known ?? timeOf(entry.time);
  if (typeof at === "string") return { rejected: at };
  if (entry.user === null || entry.session === null || entry.number === null) return { at, uses: [] };
  return { at, uses: usesOf(entry, at) };
}

function usesOf(entry: Entry, at: Date): LoggedUse[] {
  const { message, severity, state } = entry;
  if (message.startsWith("connection authorized:")) return [connection(entry, at, null)];
  if (message.startsWith("disconnection:")) return [connection(entry, startOf(message, at), at)];
  if (severity === "FATAL") return isRefusal(state, message) ? [refusedSignIn(entry, at)] : [];
  if (severity === "ERROR") return statementUses(entry, at, entry.statement, state === "42501" ? "refused" : "failed");
  if (message.startsWith("AUDIT: ")) return auditUses(entry, at);
  const [, took, text] = /^(duration: [\d.]+ ms {1,2})?(?:statement|execute [^:\n]{1,200}): ([\s\S]*)$/.exec(message) ?? [];
  return text === undefined ? [] : statementUses(entry, at, text, "allowed", took === undefined ? "statement" : "duration");
}

const refusalWords = /authentication failed for user|no pg_hba\.conf entry|^role ".*" does not exist$|is not permitted to log in$|permission denied for database/;
const isRefusal = (state: string, message: string) => state.startsWith("28") || state === "42501" || (state === "" && refusalWords.test(message));

const who = ({ user, host }: Entry) => ({ principal: user, clientAddress: host });

/** The login is the server's word, the program's name is the client's. */
function markersIn({ user, application }: Entry): string[] {
  const said = (application ?? "").split("/").filter((part) => part.length >= 6).slice(0, 3);
  return [...(user === null ? [] : [`login:${user}`]), ...said.map((part) => `application:${part}`)];
}

/** When a connection began that ends now: its last line says how long it lived. */
function startOf(message: string, at: Date): Date {
  const [, hours, minutes, seconds] = /^disconnection: session time: (\d{1,9}):(\d\d):(\d\d(?:\.\d+)?)/.exec(message) ?? [];
  return hours === undefined ? at : new Date(at.getTime() - Math.round(((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000));
}

function connection(entry: Entry, at: Date, endedAt: Date | null): LoggedUse {
  const objects = entry.database === null ? [] : [entry.database];
  return useOf({ kind: "connection", key: entry.session ?? "", at, endedAt, action: "CONNECT", objects, objectsBy: "target", markers: markersIn(entry), ...who(entry) });
}

function refusedSignIn(entry: Entry, at: Date): LoggedUse {
  const objects = entry.database === null ? [] : [entry.database];
  return useOf({ kind: "connection", key: `${entry.session}/${entry.number}`, at, endedAt: at, action: "CONNECT", objects, objectsBy: "target", outcome: "refused", markers: markersIn(entry), ...who(entry) });
}

/** Where a line of a statement stands; null where that cannot be said. */
function lineOf({ session, number }: Entry, by: StatementLine["by"], hash: string | undefined): StatementLine | null {
  return session === null || hash === undefined || !Number.isSafeInteger(Number(number)) ? null : { session, number: Number(number), by, hash };
}

function statementUses(entry: Entry, at: Date, text: string, outcome: LoggedUse["outcome"], by?: "statement" | "duration"): LoggedUse[] {
  const key = `${entry.session}/${entry.number}`;
  // Where statements are logged, an error stands right behind the line of its statement.
  const before = Number(entry.number) - 1;
  const statements = readStatements(text);
  const line = by === undefined ? null : lineOf(entry, by, statements[0]?.hash);
  return statements.map(({ action, objects, hash }, index) => {
    const part = index === 0 ? "" : `#${index + 1}`;
    const endsKey = outcome === "allowed" || !(before > 0) ? null : `${entry.session}/${before}${part}`;
    return useOf({ kind: "statement", key: `${key}${part}`, at, action, objects, objectsBy: "text", outcome, endsKey, statementHash: hash, line, markers: markersIn(entry), ...who(entry) });
  });
}

const audit = { statement: 1, part: 2, command: 4, objectType: 5, object: 6, text: 7 } as const;
const notSaid = new Set(["", "<none>", "<not logged>", "<previously logged>"]);

/** pgAudit says itself what was reached, where it is told to log relations; otherwise its statement does. */
function auditUses(entry: Entry, at: Date): LoggedUse[] {
  const cells = cellsOf(entry.message.slice("AUDIT: ".length));
  if (cells === null || cells.length <= audit.text) return [];
  const [first] = readStatements(cells[audit.text] ?? "");
  const object = cells[audit.object] ?? "";
  const isNamed = !notSaid.has(object);
  const objects = isNamed ? [object] : (first?.objects ?? []);
  const action = textOf(cells[audit.command])?.toUpperCase() ?? first?.action ?? "OTHER";
  return [
    useOf({
      kind: "statement", key: auditKey(`${entry.session}/${entry.number}`), line: lineOf(entry, "audit", first?.hash), at, action, objects, objectsBy: isNamed ? "target" : "text", statementHash: first?.hash ?? null,
      markers: markersIn(entry), ...who(entry),
    }),
  ];
}
