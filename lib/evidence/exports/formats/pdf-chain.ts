import "server-only";
import { formatDuration, formatPlural, formatUtc } from "@/lib/platform/format";
import type { EndReason } from "@/lib/grants/types";
import { endReasons } from "@/lib/grants/types";
import type { ChainRow } from "../run";
import type { Paper } from "./paper";

const words: Readonly<Record<string, string>> = {
  ready: "ready to activate", issuing: "being issued", active: "live", ending: "ending", accepted: "accepted, not proven", proven: "proven dead", failed: "never issued",
  lapsed: "never activated", stuck: "stuck, not proven", "not-provable": "cannot be proven", forced: "closed by force", "expired-unproven": "expired, unproven",
};

/** A state of a grant or request in words. */
export const stateWords = (state: string) => words[state] ?? state.replaceAll("-", " ");

type Say = { readonly reason: (reason: EndReason | null) => string; readonly refusal: (code: string | null) => string };

/** Everything that a row says about one chain, as the seven links and the facts behind them. */
export function samplePage(paper: Paper, row: ChainRow, onNewPage: boolean, say: Say): void {
  const text = (name: string) => (row[name] === null || row[name] === undefined ? null : String(row[name]));
  const at = (name: string) => (text(name) === null ? "—" : formatUtc(text(name) ?? ""));
  const duration = (name: string) => (text(name) === null ? "—" : formatDuration(Number(row[name]) * 1000));
  const reason = endReasons.find((known) => known === text("end_reason")) ?? null;
  if (onNewPage) paper.newPage();
  paper.text(`Request ${text("request_number") ?? ""}: ${text("identity_name") ?? "[erased]"} → ${text("entitlement_name") ?? ""}`, { bold: true, size: 13, after: 2, type: "H2" });
  paper.note(`${text("system_name") ?? ""} · ${text("sensitivity") ?? ""} sensitivity · ${stateWords(text("grant_state") ?? text("state") ?? "")}${text("demo") === "yes" ? " · demo data" : ""}`);
  paper.table([{ title: "Link", share: 1 }, { title: "When (UTC)", share: 1.5 }, { title: "Who and how", share: 4 }], [
    ["Asked", at("asked_at"), `${text("requester_name") ?? "[erased]"}${text("triggered_by_name") ? `, job started by ${text("triggered_by_name") ?? ""}` : ""}; purpose: ${text("purpose") ?? "—"}`],
    ["Decided", at("decided_at"), decidedBy(text)],
    ["Issued", at("issued_at"), `${text("credential") ?? "—"}, until ${at("not_after")} at the latest`],
    ["First use", at("first_use_at"), firstUse(text)],
    ["Last use", at("last_use_at"), lastUse(text, row)],
    ["Ended", at("ended_at"), text("ended_at") === null ? "—" : `${text("ended_by_name") ?? "Curfew"}: ${say.reason(reason)}; the target took it ${at("accepted_at")}`],
    ["Proven dead", at("proven_at"), text("proven_at") === null ? "not proven" : `${text("proof_method") ?? ""} (${text("proof_strength")?.replaceAll("-", " ") ?? ""}), seen by ${text("proof_seen_by") ?? ""}, ${text("seconds_to_proof") ?? ""} s after the end`],
  ]);
  paper.table([{ title: "Fact", share: 1 }, { title: "Said", share: 3.4 }], [
    ["Intent", text("intent") ?? "—"],
    ["Ticket", text("ticket_key") ? `${text("ticket_key") ?? ""} (${text("ticket_check") ?? ""})` : "none named"],
    ["Asked for, granted", `${duration("asked_seconds")}, ${duration("granted_seconds")}`],
    ["Identity", `${text("identity_kind")?.replaceAll("-", " ") ?? "—"} in ${text("identity_environment") ?? "—"}; owner: ${text("identity_owner_name") ?? "none"}`],
    ["How uses are known", text("use_source") ?? "—"],
    ["Votes", text("votes") ? `${text("voter_names") ?? ""}: ${text("votes") ?? ""}${text("vote_reasons") ? `. Reasons: ${text("vote_reasons") ?? ""}` : ""}` : "nobody was asked"],
    ["Policy", `${text("policy_outcome") ?? "—"} by ${text("policy_ids") ?? "—"}; set ${text("policy_hash") ?? "—"}`],
    ["Still given another way", text("still_given") ?? "—"],
    ["Findings", text("findings") ?? "0"],
    ["Ledger positions", `${text("ledger_first") ?? "—"} to ${text("ledger_last") ?? "—"}`],
    ["Grant id", text("grant_id") ?? "—"],
  ]);
}

type Text = (name: string) => string | null;

function firstUse(text: Text): string {
  if (text("first_use_at")) return `seen or logged; match: ${text("use_match") ?? "—"}`;
  if (text("uses_complete") === "open") return "the session is not over, or a log of its system has not reported up to its end";
  return text("used") === "not used" ? "not used: a log reported all of its time" : text("issued_at") ? "none seen: shorter than the time between two looks, or none" : "—";
}

function lastUse(text: Text, row: ChainRow): string {
  const counted = [["connections_seen", "connection", "seen"], ["statements_counted", "statement", "counted"], ["uses_logged", "use", "logged"]] as const;
  const said = counted.flatMap(([name, noun, how]) => (text(name) === null ? [] : [`${formatPlural(Number(row[name]), noun)} ${how}`]));
  return said.length === 0 ? "—" : said.join(", ");
}

function decidedBy(text: Text): string {
  switch (text("decided_by")) {
    case "people":
      return `${text("state") ?? ""} by ${text("voter_names") ?? "[erased]"}`;
    case "policy":
      return `${text("state") ?? ""} by policy, no person asked`;
    case "requester":
      return "taken back by who asked";
    case "nobody":
      return "nobody decided in time";
    default:
      return "—";
  }
}
