import { formatSeconds } from "@/lib/platform/format";
import type { LineProblem, MatchQuality, SourceFormat, SourceRow, UsedScopeRow } from "@/lib/uses/types";

/** What each format is called, and where its lines come from. */
export const formatWords: Readonly<Record<SourceFormat, { readonly name: string; readonly from: string }>> = {
  "postgres-jsonlog": { name: "PostgreSQL jsonlog", from: "Files of log_destination = jsonlog, with log_timezone = UTC. Statements where log_statement or pgAudit writes them." },
  "postgres-csvlog": { name: "PostgreSQL csvlog", from: "Files of log_destination = csvlog, with log_timezone = UTC. Statements where log_statement or pgAudit writes them." },
  cloudtrail: { name: "AWS CloudTrail", from: "Files as S3 delivers them, answers of lookup-events, or one record a line." },
  "kubernetes-audit": { name: "Kubernetes audit", from: "One event a line, or the lists that the webhook backend posts." },
  "openbao-audit": { name: "OpenBao or Vault audit", from: "The file of an audit device, one entry a line." },
  "github-audit": { name: "GitHub audit log", from: "An export as JSON, or one entry a line." },
  sshd: { name: "sshd", from: "Lines of syslog or the journal whose times have a year and a zone (journalctl -o short-iso-precise)." },
};

export const lineProblemWords: Readonly<Record<LineProblem, string>> = {
  "not-json": "is not JSON",
  "not-csv": "has broken quotes",
  "not-this-format": "is of another format",
  "no-time": "has no time that can be read",
  "time-zone-unknown": "has a time without a zone that is known: set log_timezone to UTC",
  "time-without-year": "has a time without a year: log with ISO times (journalctl -o short-iso-precise)",
  "no-id": "has no id",
  "too-long": "is longer than 1 MiB, or a quote in it is never closed",
  "broken-off": "breaks off: the rest of the file is missing",
  "name-is-secret": "has a name that looks like a secret",
  "too-deep": "is nested too deeply",
};

export const matchWords: Readonly<Record<MatchQuality, string>> = {
  exact: "exact: the credential that only this session had",
  strong: "strong: the session's name stands there",
  inferred: "inferred: by account and time only",
};

/** How a source's lines come to Curfew. */
export function wayText({ kind, isLive, folder }: Pick<SourceRow, "kind" | "isLive" | "folder">): string {
  if (kind === "polled") return "a look every 2 s while a session lives";
  if (isLive) return "read from the system itself";
  return folder === null ? "sent by people and machines" : `read from the folder ${folder}, or sent`;
}

/** What a source can say where no use is known of. */
export function kindText({ kind }: Pick<SourceRow, "kind">): string {
  return kind === "polled" ? "Looks: what happens between two of them is not seen" : "Log: it can say that something was not used";
}

export const lagText = (seconds: number) => (seconds === 0 ? "none" : formatSeconds(seconds));

/** Where what a session reached is known from. */
export function objectsByText({ objectsBy }: Pick<UsedScopeRow, "objectsBy">): string | null {
  return objectsBy === "text" ? "as named in the statement" : null;
}
