import * as z from "zod";

export type LogFormat = "jsonlog" | "csvlog" | "stderr";

/** A sign-in as the server wrote it down; the time is still the server's own text. */
export type LoggedLine = {
  readonly at: string;
  readonly name: string;
  readonly clientAddress: string | null;
  readonly applicationName: string | null;
  readonly outcome: "accepted" | "suspended" | "refused";
};

type Fields = {
  readonly at: string;
  readonly user: string;
  readonly host: string;
  readonly severity: string;
  readonly state: string;
  readonly message: string;
  readonly application: string;
};

/** Records that are whole, and how many bytes of the text they take. The rest waits for the next reading. */
export function splitRecords(text: string, format: LogFormat): { records: string[]; consumed: number } {
  if (format !== "csvlog") {
    const end = text.lastIndexOf("\n") + 1;
    return { records: text.slice(0, end).split("\n").filter(Boolean), consumed: end };
  }
  const records: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index];
    if (letter === '"') isQuoted = !isQuoted;
    else if (letter === "\n" && !isQuoted) {
      records.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return { records, consumed: start };
}

/** Reads one record; null for whatever is not about a sign-in. */
export function readRecord(record: string, format: LogFormat): LoggedLine | null {
  // Most of a busy log is about something else: not even parsed.
  if (!record.includes("connection authorized") && !record.includes("FATAL")) return null;
  const fields = parsers[format](record);
  return fields === null ? null : asSignIn(fields);
}

/** Whether a record is about a login whose name begins so; only formats that say whose connection it was can tell. */
export function isOfLogin(record: string, format: LogFormat, prefix: string): boolean {
  if (format === "stderr" || !record.includes(prefix)) return false;
  return format === "jsonlog" ? record.includes(`"user":"${prefix}`) : new RegExp(`^[^,]*,"${prefix}`).test(record);
}

const parsers: Readonly<Record<LogFormat, (record: string) => Fields | null>> = { jsonlog: ofJson, csvlog: ofCsv, stderr: ofText };

const jsonSchema = z.object({
  timestamp: z.string(),
  user: z.string().default(""),
  remote_host: z.string().default(""),
  error_severity: z.string().default(""),
  state_code: z.string().default(""),
  message: z.string().default(""),
  application_name: z.string().default(""),
});

function ofJson(record: string): Fields | null {
  let json: unknown;
  try {
    json = JSON.parse(record);
  } catch {
    return null; // the rest of a line whose beginning was skipped
  }
  const parsed = jsonSchema.safeParse(json);
  if (!parsed.success) return null;
  const { timestamp, user, remote_host, error_severity, state_code, message, application_name } = parsed.data;
  return { at: timestamp, user, host: remote_host, severity: error_severity, state: state_code, message, application: application_name };
}

/** Columns of csvlog; newer servers only add some at the end. */
const column = { at: 0, user: 1, host: 4, severity: 11, state: 12, message: 13, application: 22 } as const;

function ofCsv(record: string): Fields | null {
  const cells = [...record.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
  if (cells.length <= column.message) return null;
  const cell = (index: number): string => cells[index] ?? "";
  // "10.0.0.7:51234" and "[::1]:51234"; "[local]" has no port.
  const host = cell(column.host).replace(/:\d+$/, "");
  return {
    at: cell(column.at), user: cell(column.user), host, severity: cell(column.severity), state: cell(column.state),
    message: cell(column.message), application: cell(column.application),
  };
}

const textLine = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) .*?\b(LOG|FATAL):\s+(.*)$/;
const authorizedAs = /^connection authorized: user=(\S+)/;
const namedInFault = /(?:for user|^role) "([^"]+)"/;

/** The usual prefix holds time and process only: where the connection came from is not known then. */
function ofText(record: string): Fields | null {
  const [, at, severity, message] = textLine.exec(record) ?? [];
  if (at === undefined || severity === undefined || message === undefined) return null;
  const user = authorizedAs.exec(message)?.[1] ?? namedInFault.exec(message)?.[1] ?? "";
  return { at, user, host: "", severity, state: "", message, application: "" };
}

const notPermitted = /^role ".*" is not permitted to log in$/;
const failedSignIn = /authentication failed for user|no pg_hba\.conf entry|^role ".*" does not exist$/;

function asSignIn({ at, user, host, severity, state, message, application }: Fields): LoggedLine | null {
  if (user === "") return null;
  const clientAddress = host === "" || host === "[local]" ? null : host.replaceAll(/[[\]]/g, "");
  if (message.startsWith("connection authorized:")) {
    const said = /application_name=(.+?)(?: SSL enabled.*)?$/.exec(message)?.[1] ?? application;
    return { at, name: user, clientAddress, applicationName: said === "" ? null : said, outcome: "accepted" };
  }
  if (severity !== "FATAL") return null;
  const common = { at, name: user, clientAddress, applicationName: null };
  if (notPermitted.test(message)) return { ...common, outcome: "suspended" };
  return state.startsWith("28") || failedSignIn.test(message) ? { ...common, outcome: "refused" } : null;
}
