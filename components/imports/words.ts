import type { Tone } from "@/components/ui/truth/tone";
import { formatBytes } from "@/components/ui/file/sizes";
import type { Change, ChangeKind, Fact, FileFailure, ImportFormat, ImportState } from "@/lib/imports/types";

/** What each format is called, and where it comes from. */
export const formatWords = {
  "curfew-csv": { name: "Plain CSV", from: "Any CSV with a heading line; you say what its columns mean." },
  "curfew-json": { name: "Plain JSON", from: "A list of objects, or one object a line, with the field names of the template." },
  "aws-credential-report": { name: "AWS IAM credential report", from: "aws iam get-credential-report --query Content --output text | base64 -d" },
  "aws-authorization-details": { name: "AWS account authorization details", from: "aws iam get-account-authorization-details" },
  kubernetes: { name: "Kubernetes manifests", from: "kubectl get sa,role,rolebinding,clusterrole,clusterrolebinding -A -o yaml" },
  "github-export": { name: "GitHub export", from: "Deploy keys, app installations and tokens, as GitHub’s REST API answers them." },
  "github-audit-log": { name: "GitHub audit log", from: "The audit log of an organisation as JSON; it tells use and never makes anything vanish." },
} as const satisfies Record<ImportFormat, { name: string; from: string }>;

/** What a kind of file is called where it contradicts another one. */
export function familyWords(family: ImportFormat | "curfew"): string {
  return family === "curfew" ? "a plain file" : `the ${formatWords[family].name}`;
}

export const stateWords = {
  announced: { word: "waiting for the file", tone: "waiting" },
  receiving: { word: "being read", tone: "ending" },
  interrupted: { word: "interrupted", tone: "caution" },
  comparing: { word: "being compared", tone: "ending" },
  ready: { word: "waits for you", tone: "waiting" },
  unchanged: { word: "nothing to change", tone: "proven" },
  applying: { word: "being applied", tone: "ending" },
  applied: { word: "applied", tone: "proven" },
  discarded: { word: "thrown away", tone: "neutral" },
  failed: { word: "failed", tone: "stuck" },
} as const satisfies Record<ImportState, { word: string; tone: Tone }>;

export const changeWords = {
  appeared: "Appeared",
  returned: "Back again",
  changed: "Changed",
  vanished: "Vanished",
  outvoted: "Without effect",
} as const satisfies Record<Change, string>;

export const kindWords = {
  identity: ["identity", "identities"],
  credential: ["credential", "credentials"],
  entitlement: ["entitlement", "entitlements"],
  assignment: ["assignment", "assignments"],
} as const satisfies Record<ChangeKind, readonly [string, string]>;

const fields: Readonly<Record<string, string>> = {
  name: "name", kind: "kind", description: "description", environment: "environment", vendor: "vendor", tags: "tags", createdAt: "created",
  lastUsedAt: "last used", visibleSince: "use visible since", handle: "handle", rotatedAt: "renewed", isEnabled: "enabled", expiresAt: "expires",
  actions: "actions", sensitivity: "sensitivity", path: "held through", presence: "is there",
};

/** A fact's name in words. */
export const fieldWords = (field: string): string => fields[field] ?? field;

/** A fact's value in words. */
export function factWords(fact: Fact | undefined): string {
  if (fact === undefined || fact === null || fact === "") return "nothing";
  if (typeof fact === "boolean") return fact ? "yes" : "no";
  if (typeof fact === "string") return /^\d{4}-\d{2}-\d{2}T/.test(fact) ? `${fact.slice(0, 10)} ${fact.slice(11, 16)} UTC` : fact;
  return Array.isArray(fact) ? (fact.length === 0 ? "nothing" : fact.join(", ")) : String(fact);
}

type Detail = Readonly<Record<string, string | number>>;

function formatName(detail: Detail, key: string): string | null {
  const found = Object.entries(formatWords).find(([format]) => format === detail[key]);
  return found?.[1].name ?? null;
}

/** Why a file could not be taken, and what to do next. Nothing changed in either case. */
export function failureWords(failure: FileFailure, detail: Detail): { readonly why: string; readonly next: string } {
  const line = detail["line"] === undefined ? "" : ` near line ${detail["line"]}`;
  switch (failure) {
    case "empty":
      return { why: "The file is empty.", next: "Look whether its export ended well, and send it again." };
    case "too-large":
      return { why: `It is larger than ${formatBytes(Number(detail["limit"] ?? 0))}, counted unpacked.`, next: "Cut it into parts and send each as a part: parts make nothing vanish." };
    case "bomb":
      return { why: `It is packed so that it grows more than ${detail["ratio"] ?? 200} times. No inventory does that.`, next: "Send it unpacked, if it is what you expect." };
    case "not-text":
      return { why: detail["encoding"] === "UTF-16" ? "It is UTF-16 text." : detail["encoding"] === "binary" ? "It is no text." : "It is not UTF-8 text.", next: "Save it as UTF-8 and send it again." };
    case "truncated":
      return { why: `It ends in the middle${line}.`, next: "Export it again: the last run was cut off." };
    case "not-readable":
      return { why: detail["packed"] ? "Its gzip packing is broken." : `It cannot be read${line}.`, next: "Export it again, or choose the format that it has." };
    case "line-too-long":
      return { why: `One line or record${line} is longer than 1 MiB.`, next: "Most often a quote is not closed there. Mend it and send the file again." };
    case "too-deep":
      return { why: "It is nested deeper than any inventory.", next: "Look whether this is the right file." };
    case "wrong-format": {
      const found = formatName(detail, "found");
      const chosen = formatName(detail, "chosen") ?? "what was chosen";
      return found ? { why: `This looks like: ${found}. It was sent as: ${chosen}.`, next: `Send it again as ${found}.` } : { why: `It does not look like: ${chosen}.`, next: "Choose the format that it has." };
    }
    case "no-such-columns":
      return { why: detail["columns"] === "name" ? "No column is the name or id of an identity." : "Columns that the mapping names are not in the file.", next: "Send it again and say what its columns mean." };
    case "nothing-usable":
      return { why: "No line of it says anything that Curfew keeps.", next: "The rejected lines below say why, if there are any." };
    case "too-many":
      return { why: `It says more than ${detail["limit"] ?? "is"} of one thing, which is taken at once.`, next: "Cut it into parts." };
    case "not-complete":
      return { why: "What was read of it was no longer all there when it was compared.", next: "Send it again." };
    case "older":
      return { why: "It is older than what is known.", next: "Send a newer one." };
    case "went-wrong":
      return { why: "Something went wrong on our side.", next: "Send it again. If that fails, too, whoever runs Curfew finds it in the log by this import’s id." };
  }
}
