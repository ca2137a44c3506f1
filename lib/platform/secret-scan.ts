import { lintSource } from "@secretlint/core";
import { secretLintProfiler } from "@secretlint/profiler";
import { rules as presetRules } from "@secretlint/secretlint-rule-preset-recommend";

/** Whether a text holds something that looks like a secret, and of which kinds; never what it is or where. */
export type SecretScan = { readonly found: boolean; readonly kinds: readonly string[] };

/** Longest text that is scanned. A longer one counts as a finding, since nobody has looked at all of it. */
export const longestScanned = 65_536;

// Its performance marks are kept for ever and slow each further scan down.
secretLintProfiler.mark = () => undefined;

/** The preset without the rule that lets a text switch the scan off by a comment (`secretlint-disable`). */
const config = {
  rules: presetRules
    .filter((rule) => rule.meta.id !== "@secretlint/secretlint-rule-filter-comments")
    .map((rule) => ({ id: rule.meta.id, rule })),
};

/** What stands where a secret would, and is none. */
const placeholder = new RegExp(
  `^(?:${[
    /\$\d{1,3}|\$[A-Z_][A-Z0-9_]*|\$[{(].*/, // $1, $PGPASSWORD, ${PGPASSWORD}, $(cat …)
    /[:@][A-Za-z_]+|\?|%s|%\(\w+\)s|%[A-Z_]+%/, // parameters of SQL and of command lines
    /[*•.…x-]+/, // masked
    /<.*>|\{.*\}|\[.*\]/, // <password>, {{ password }}, [redacted]
    /[Nn]ull|NULL|[Nn]one|[Tt]rue|[Ff]alse|undefined|REDACTED|redacted|PASSWORD|SECRET|TOKEN/,
  ]
    .map((form) => form.source)
    .join("|")})$`,
);

const secretName = [
  "pass(?:word|wd|phrase|code)",
  "pass(?=[ \\t]{0,3}=)", // "the first pass is …" means something else
  "pwd",
  "secret(?:[_-]?(?:access[_-]?)?key)?",
  "(?:api|access|private|signing|encryption|account|auth|client|master)[_-]?(?:key|token|secret)",
  "token",
  "credentials?",
].join("|");
const value = ['"[^"\\n]{1,200}"', "'[^'\\n]{1,200}'", "`[^`\\n]{1,200}`", "[^\\s\"'`,;]{1,200}"].join("|");
/** `password=…`, `ORDERS_DB_PASSWORD: '…'`, `"api_key": "…"`, `the password is …` */
const assignment = new RegExp(
  `(?<![a-z])(?:[a-z0-9]{1,30}[_-]){0,4}(?:pg|mysql_?)?(?:${secretName})["'\`]?[ \\t]{0,3}` +
    `(:=|=>|=|:|[ \\t]is[ \\t])[ \\t]{0,3}(${value})`,
  "gi",
);
const sqlPassword = /\bpassword\s{1,3}(?:'([^'\n]{1,200})'|"([^"\n]{1,200})"|\$\$([^$\n]{1,200})\$\$)/gi;
const urlPassword = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:([^\s/@]{1,200})@[^\s/]/gi;

/** Forms that are secrets, or verifiers of one, wherever they stand. */
const forms: readonly (readonly [kind: string, form: RegExp])[] = [
  ["jwt", /\beyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]{0,2000}/],
  ["jwe", /\beyJ[\w-]{8,2000}\.[\w-]{0,2000}\.[\w-]{8,200}\.[\w-]{8,4000}\.[\w-]{8,200}/],
  ["stripe-key", /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9+/]{16,}/],
  ["ai-provider-key", /\bsk-(?:[a-z0-9]{2,10}-){0,3}[A-Za-z0-9_-]{20,}/],
  ["gitlab-token", /\bgl(?:pat|dt|rt|ptt|cbt|soat)-[\w-]{16,}/],
  ["github-token", /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/],
  ["google-api-key", /\bAIza[\w-]{30,}/],
  ["vault-token", /\bhv[sbr]\.[\w-]{20,}/],
  ["slack-webhook", /hooks\.slack\.com\/(?:services|workflows)\/\w+\/\w+/],
  ["discord-webhook", /discord(?:app)?\.com\/api\/webhooks\/\d+\/[\w-]{20,}/],
  ["age-key", /\bAGE-SECRET-KEY-1[A-Z0-9]{20,}/],
  ["private-key", /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|\bPuTTY-User-Key-File-\d/],
  ["scram-verifier", /\bSCRAM-SHA-(?:1|256|512)\$\d{1,9}:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+/],
  ["md5-verifier", /\bmd5[0-9a-f]{32}\b/],
  ["password-hash", /\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id?|d)\$v=/],
  ["password-hash", /\$[156]\$(?:rounds=\d+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,}/],
  ["authorization-header", /\bauthorization\s{0,2}:\s{0,2}(?:basic|bearer|digest|negotiate|token|apikey)\s{1,3}[\w+/=.~-]{8,}/i],
  ["bearer-token", /\bbearer\s{1,3}(?=[\w+/=.~-]{0,200}\d)[\w+/=.~-]{16,}/i],
  ["signed-url", /[?&](?:X-Amz-Signature|X-Goog-Signature|sig|signature)=[\w%+/-]{16,}/i],
];

function isPlaceholder(text: string): boolean {
  return placeholder.test(text) || /^(?:select|crypt|gen_|current_|md5|encode|digest|pgp_)\b/i.test(text);
}

/** True for what a person would choose or a machine would make as a password, false for a word of a sentence. */
function looksChosen(text: string): boolean {
  const hasLetter = /\p{L}/u.test(text);
  const hasOther = /[^\p{L}.,:;!?()'"-]/u.test(text.replace(/[.,:;!?)]+$/, ""));
  if (/^[A-Z][A-Z0-9]{1,9}-?\d{1,9}$/.test(text)) return false; // a ticket
  return text.length >= 6 && hasLetter && hasOther;
}

function hasAssignment(text: string): boolean {
  for (const [, operator = "", raw = ""] of text.matchAll(assignment)) {
    const quoted = /^["'`]/.test(raw);
    const assigned = quoted ? raw.slice(1, -1) : raw.replace(/[.,;:!?)\]]+$/, "");
    if (assigned === "" || isPlaceholder(assigned) || isPlaceholder(raw) || /^[\w.]+\(/.test(assigned)) continue;
    if (quoted || (operator.includes("=") && assigned.length >= 4)) return true;
    if (looksChosen(assigned)) return true;
  }
  return false;
}

function hasMatch(text: string, form: RegExp): boolean {
  const groups = [...text.matchAll(form)].map((match) => match.slice(1).find((group) => group !== undefined) ?? "");
  return groups.some((group) => !isPlaceholder(group));
}

const harmless = [
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, // UUID
  /\b(?:sha(?:1|224|256|384|512)|md5)[:-][A-Za-z0-9+/=_-]+/gi, // digest, SSH fingerprint, npm integrity
  /\b(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-\w+)\s+AAAA[A-Za-z0-9+/=]+/g, // public key
  /\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g, // ULID
  /\bhttps?:\/\/[^\s?#]+/gi, // address up to its query: ids of documents and builds
];

/** How often a character is followed by one of another class (upper, lower, digit, other), per character. */
function alternation(text: string): number {
  const classOf = (char: string) => (/[a-z]/.test(char) ? "a" : /[A-Z]/.test(char) ? "A" : /\d/.test(char) ? "0" : "-");
  let changes = 0;
  for (let index = 1; index < text.length; index++) {
    if (classOf(text.charAt(index)) !== classOf(text.charAt(index - 1))) changes++;
  }
  return changes / (text.length - 1);
}

/** A part that a person wrote: one word, words joined by capitals, a number, or a short mix such as `v2` or `etl01`. */
function isWordlike(part: string): boolean {
  const oneWord = /^(?:\d+|[A-Za-z]?[a-z]+|[A-Z]+|[A-Za-z]+\d{1,4}|\d{1,4}[A-Za-z]{1,3})$/;
  const joinedWords = /^(?:[A-Z]?[a-z]{3,}|[A-Z]{2,4})+\d{0,4}$/;
  return oneWord.test(part) || joinedWords.test(part);
}

/** Random characters: long, not hexadecimal, without words, many different ones, changing class all the time. */
function looksRandom(token: string): boolean {
  const rest = token
    .split(/[-_/.=]/)
    .filter((part) => !isWordlike(part))
    .join("");
  if (rest.length < 20 || /^[0-9a-f]+$/i.test(rest) || new Set(rest).size < 11) return false;
  // Words joined by capitals change some 0.35 times per character, random letters and digits 0.4 to 0.6 times.
  const digits = rest.replace(/\D/g, "").length;
  return alternation(rest) >= (digits >= 2 ? 0.28 : 0.6);
}

function hasRandomToken(text: string): boolean {
  const rest = harmless.reduce((left, form) => left.replace(form, " "), text);
  return [...rest.matchAll(/[A-Za-z0-9+/_=.-]{20,}/g)].some(([token]) => looksRandom(token));
}

function ownKinds(text: string): string[] {
  const kinds = forms.filter(([, form]) => form.test(text)).map(([kind]) => kind);
  if (hasMatch(text, urlPassword)) kinds.push("password-in-url");
  if (hasAssignment(text) || hasMatch(text, sqlPassword)) kinds.push("password");
  if (kinds.length === 0 && hasRandomToken(text)) kinds.push("random-token");
  return kinds;
}

/** Leaves out what stands in for a password in an address, which the preset would take for one. */
function withoutPlaceholders(text: string): string {
  return text.replace(urlPassword, (match, password: string) => (isPlaceholder(password) ? " " : match));
}

async function presetKinds(text: string): Promise<string[]> {
  const source = { filePath: "/text.txt", content: withoutPlaceholders(text), contentType: "text" as const };
  const { messages } = await lintSource({ source, options: { config, maskSecrets: true, noPhysicFilePath: true } });
  return messages.map((message) => message.ruleId.replace(/^.*secretlint-rule-/, ""));
}

/**
 * Looks for secrets in free text before it is stored: secretlint's recommended rules and our own for what they
 * miss. Attacker-controlled input; every pattern is bounded. Answers kinds only, so that the answer can be shown and logged.
 */
export async function findSecrets(text: string): Promise<SecretScan> {
  if (text.length > longestScanned) return { found: true, kinds: ["too-long-to-scan"] };
  // Full-width letters and invisible characters would otherwise hide a secret that still works when it is copied.
  const plain = text.normalize("NFKC").replace(/[\p{Cf}]/gu, "");
  const kinds = new Set([...ownKinds(plain), ...(await presetKinds(plain))]);
  return { found: kinds.size > 0, kinds: [...kinds].sort() };
}
