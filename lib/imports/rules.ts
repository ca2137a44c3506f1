import type { ImportFormat, ImportState, Rejection, RejectionCode } from "./types";

/** Limits of a file; `docs/imports.md` says them too. */
export const limits = {
  /** Unpacked. */
  bytes: 1024 ** 3,
  /** One line, record or document. */
  recordBytes: 1024 ** 2,
  /** Packed data that grows more than this beyond the first `bombFreeBytes` is no inventory. */
  bombRatio: 200,
  bombFreeBytes: 16 * 1024 ** 2,
  lines: 5_000_000,
  depth: 100,
  /** Rejected lines that are kept one by one; all are counted. */
  rejectionsKept: 1_000,
  text: 500,
  key: 400,
  aliases: 50,
} as const;

/** How many bytes a sender says will come; null where it does not say. Attacker-controlled: what comes is counted all the same. */
export function declaredBytes({ headers }: Pick<Request, "headers">): number | null {
  const said = headers.get("content-length");
  return said !== null && /^\d+$/.test(said) ? Number(said) : null;
}

/** Which kind of file says the same things: a complete file of a family replaces what the family said before. */
export function familyOf(format: ImportFormat): string {
  return format === "curfew-csv" || format === "curfew-json" ? "curfew" : format;
}

/** Formats that list everything there is by themselves. For the others a person says whether a file does. */
export function isCompleteByItself(format: ImportFormat): boolean | null {
  if (format === "aws-credential-report" || format === "aws-authorization-details") return true;
  return format === "github-audit-log" ? false : null;
}

const transitions: Readonly<Record<ImportState, readonly ImportState[]>> = {
  announced: ["receiving", "discarded"],
  receiving: ["comparing", "interrupted", "failed"],
  interrupted: ["receiving", "discarded"],
  comparing: ["ready", "unchanged", "failed"],
  ready: ["applying", "discarded", "comparing"],
  unchanged: [],
  applying: ["applied", "comparing", "failed"],
  applied: [],
  discarded: [],
  failed: [],
};

/** Whether an import may go from one state to another. */
export function mayBecome(from: ImportState, to: ImportState): boolean {
  return transitions[from].includes(to);
}

/** True while something happens by itself, so that a page looks again. */
export function isMoving(state: ImportState): boolean {
  return state === "announced" || state === "receiving" || state === "comparing" || state === "applying";
}

/** Fields of the plain format, with other names by which files call them. */
export const plainFields = {
  id: { words: "What the source calls it", also: ["identity id", "external id", "key", "arn", "uid", "identifier", "principal id", "account id", "client id", "app id"] },
  name: { words: "Name", also: ["identity", "identity name", "service account", "account", "account name", "user", "username", "user name", "login", "display name", "title", "role"] },
  kind: { words: "Kind", also: ["type", "identity kind", "identity type", "category"] },
  environment: { words: "Environment", also: ["env", "stage", "tier"] },
  description: { words: "Description", also: ["comment", "comments", "notes", "note", "purpose", "desc"] },
  vendor: { words: "Vendor", also: ["third party", "supplier", "provider"] },
  owner: { words: "Owner, kept as a tag", also: ["owner email", "owned by", "responsible", "contact", "owner name"] },
  tags: { words: "Tags", also: ["labels", "tag", "label"] },
  created_at: { words: "Identity created", also: ["created", "creation date", "create date", "created on", "creation time"] },
  last_used_at: { words: "Identity last used", also: ["last used", "last active", "last activity", "last login", "last sign in", "last seen", "last logon"] },
  visible_since: { words: "Use could be seen since", also: ["logs since", "observed since"] },
  credential_id: { words: "Credential id", also: ["key id", "access key id", "access key", "credential", "certificate serial", "fingerprint", "api key id"] },
  credential_kind: { words: "Credential kind", also: ["credential type", "key type", "auth method"] },
  credential_created_at: { words: "Credential created", also: ["key created", "key created at", "key age", "issued", "issued at"] },
  credential_rotated_at: { words: "Credential renewed", also: ["rotated", "last rotated", "password last set", "key rotated", "renewed"] },
  credential_expires_at: { words: "Credential expires", also: ["expires", "expiry", "expiration", "expires at", "valid until", "not after", "expiration date"] },
  credential_last_used_at: { words: "Credential last used", also: ["key last used", "key last used at"] },
  credential_enabled: { words: "Credential enabled", also: ["enabled", "active", "status", "is enabled", "is active"] },
  entitlement: { words: "Entitlement", also: ["permission", "permissions", "privilege", "access", "group", "scope", "policy", "entitlements"] },
  entitlement_description: { words: "What the entitlement allows", also: ["permission description", "access description"] },
  entitlement_sensitivity: { words: "Sensitivity", also: ["risk", "criticality", "privilege level", "severity"] },
  entitlement_actions: { words: "Actions", also: ["permissions list", "rights"] },
} as const satisfies Readonly<Record<string, { readonly words: string; readonly also: readonly string[] }>>;

export type PlainField = keyof typeof plainFields;
export const plainFieldNames = Object.keys(plainFields) as PlainField[];

/** Which column of a file stands for which field. */
export type Mapping = Readonly<Partial<Record<PlainField, string>>>;

/** A heading without case, separators and a byte order mark. */
function plain(heading: string): string {
  return heading.replace(/^\uFEFF/, "").trim().toLowerCase().replace(/([a-z])[_\-./]+(?=[a-z0-9])/g, "$1 ").replace(/\s+/g, " ");
}

/** Guesses which column stands for which field, exact names first; each column is used once. */
export function guessMapping(headings: readonly string[]): Mapping {
  const left = new Map(headings.map((heading) => [plain(heading), heading] as const).reverse());
  const mapping: Partial<Record<PlainField, string>> = {};
  const take = (field: PlainField, name: string) => {
    const heading = left.get(plain(name));
    if (mapping[field] !== undefined || heading === undefined) return;
    mapping[field] = heading;
    left.delete(plain(name));
  };
  for (const field of plainFieldNames) take(field, field);
  for (const field of plainFieldNames) for (const name of plainFields[field].also) take(field, name);
  // A file with names only calls its identities by them.
  return mapping;
}

/** What a mapping lacks before a file can be read by it; null when nothing. */
export function whyNotMapping(mapping: Mapping): "name-missing" | "column-twice" | null {
  if (mapping.name === undefined && mapping.id === undefined) return "name-missing";
  const used = Object.values(mapping);
  return new Set(used).size === used.length ? null : "column-twice";
}

/** The separator of a CSV, from its first line: whichever occurs most outside of quotes. */
export function delimiterOf(firstLine: string): "," | ";" | "\t" {
  const bare = firstLine.replace(/"(?:[^"]|"")*"/g, "");
  const count = (mark: string) => bare.split(mark).length - 1;
  const [semicolons, tabs, commas] = [count(";"), count("\t"), count(",")];
  if (tabs > commas && tabs > semicolons) return "\t";
  return semicolons > commas ? ";" : ",";
}

const awsColumns = ["user", "arn", "user_creation_time", "password_enabled", "access_key_1_active"];

/** What the beginning of a file looks like; null where nobody can tell. */
export function looksLike(head: string): ImportFormat | null {
  const text = head.replace(/^\uFEFF/, "").trimStart();
  if (text === "") return null;
  if (text.startsWith("{") || text.startsWith("[")) return jsonLooksLike(text);
  if (/^(?:---|%YAML|apiVersion:|kind:|metadata:|items:|#)/.test(text) && /^\s{0,4}(?:- )?(?:apiVersion|kind):/m.test(text)) return "kubernetes";
  const headings = (text.split(/\r?\n|\r/, 1)[0] ?? "").split(/[,;\t]/).map((heading) => heading.replace(/^"|"$/g, "").trim().toLowerCase());
  if (awsColumns.every((column) => headings.includes(column))) return "aws-credential-report";
  return headings.length > 1 || plainFieldNames.some((field) => headings.includes(field)) ? "curfew-csv" : null;
}

function jsonLooksLike(text: string): ImportFormat | null {
  const has = (key: string) => text.includes(`"${key}"`);
  if (has("UserDetailList") || has("RoleDetailList") || has("GroupDetailList")) return "aws-authorization-details";
  if (has("apiVersion") && (has("kind") || has("items"))) return "kubernetes";
  if (has("_document_id") || (has("actor") && has("action") && (has("@timestamp") || has("created_at")))) return "github-audit-log";
  if (/"(?:deploy_keys|installations|tokens|personal_access_tokens|app_slug|read_only|token_last_used_at|programmatic_access_type|credential_id|credential_type)"\s*:/.test(text) && !has("entitlements") && !has("credentials")) {
    return has("entitlement") ? "curfew-json" : "github-export";
  }
  return /"(?:id|name)"\s*:/.test(text) ? "curfew-json" : null;
}

/** Neutralises what a spreadsheet would take for a formula, in any CSV that leaves Curfew. */
export function harmlessCell(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** Why a line was not taken, as the page and the report say it. */
export function rejectionWords({ code, field }: Pick<Rejection, "code" | "field">): string {
  const at = field === null ? "" : ` in ${field}`;
  const words: Readonly<Record<RejectionCode, string>> = {
    columns: "has another number of columns than the first line",
    quotes: "has quotes that do not belong together",
    value: `has a value that is not expected${at}`,
    missing: `lacks ${field ?? "something that is needed"}`,
    "too-long": `is too long${at}`,
    "not-readable": "cannot be read",
    secret: "holds what looks like a secret where a name should be; it was not kept",
    duplicate: `says something else about the same ${field ?? "thing"} than an earlier line, which counts`,
    "control-characters": `has control characters${at}`,
    aliases: "uses more YAML aliases than are followed",
    "unknown-kind": field === null ? "is of no kind that is known" : `has a kind that is not known${at}`,
  };
  return words[code];
}

/** The report of rejected lines as CSV. Names come from a file: none of them may become a formula. */
export const rejectionReport = {
  head: "line,why,field,about\r\n",
  line: ({ line, code, field, about }: Rejection & { readonly line: number }): string =>
    `${[String(line), rejectionWords({ code, field }), field ?? "", about ?? ""].map((cell) => `"${harmlessCell(cell).replaceAll('"', '""')}"`).join(",")}\r\n`,
} as const;

/** The first records of a CSV, for a look at them; a record that is cut off at the end is left out. */
export function firstRecords(head: string, most: number): string[][] {
  const text = head.replace(/^\uFEFF/, "");
  const mark = delimiterOf(text.split(/\r?\n|\r/, 1)[0] ?? "");
  const records: string[][] = [];
  let record: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let at = 0; at < text.length && records.length < most; at += 1) {
    const char = text.charAt(at);
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text.charAt(at + 1) === '"') {
        cell += char;
        at += 1;
      } else isQuoted = false;
    } else if (char === '"' && cell === "") isQuoted = true;
    else if (char === mark || char === "\n" || char === "\r") {
      record.push(cell);
      cell = "";
      if (char === mark) continue;
      if (char === "\r" && text.charAt(at + 1) === "\n") at += 1;
      if (record.some((said) => said !== "")) records.push(record);
      record = [];
    } else cell += char;
  }
  if (records.length < most && (cell !== "" || record.length > 0)) records.push([...record, cell]);
  return records;
}
