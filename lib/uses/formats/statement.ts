import { createHash } from "node:crypto";

/** What a statement does and to what, as far as its text says, and a hash of it without its values. */
export type Statement = { readonly action: string; readonly objects: readonly string[]; readonly hash: string };

type Token = { readonly kind: "word" | "name" | "value" | "mark"; readonly text: string };

/** Of a longer text only the beginning is looked at. */
const longest = 65_536;
const mostStatements = 20;
const mostObjects = 50;

const blank = /\s+|--[^\n]*/y;
const quotedName = /"((?:[^"]|"")*)"?/y;
const escapeText = /[eE]'(?:[^'\\]|''|\\[\s\S])*'?/y;
const plainText = /(?:[uU]&|[bBxXnN])?'(?:[^']|'')*'?/y;
const dollarText = /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number = /\$?\d[\w.]*/y;

function match(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(text);
}

/** Comments nest. */
function commentEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith("/*", at)) {
      depth += 1;
      at += 1;
    } else if (text.startsWith("*/", at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (kind: Token["kind"], length: number, said: string) => {
    tokens.push({ kind, text: said });
    at += Math.max(length, 1);
  };
  while (at < text.length) {
    const space = match(blank, text, at);
    if (space) {
      at += space[0].length;
      continue;
    }
    if (text.startsWith("/*", at)) {
      at = commentEnd(text, at);
      continue;
    }
    const literal = match(escapeText, text, at) ?? match(plainText, text, at);
    if (literal) {
      take("value", literal[0].length, "?");
      continue;
    }
    const dollar = match(dollarText, text, at);
    if (dollar) {
      const end = text.indexOf(dollar[0], at + dollar[0].length);
      take("value", (end === -1 ? text.length : end + dollar[0].length) - at, "?");
      continue;
    }
    const name = match(quotedName, text, at);
    if (name) {
      take("name", name[0].length, (name[1] ?? "").replaceAll('""', '"'));
      continue;
    }
    const found = match(word, text, at);
    if (found) take("word", found[0].length, found[0].toLowerCase());
    else {
      const figure = match(number, text, at);
      if (figure) take("value", figure[0].length, "?");
      else take("mark", 1, text[at] ?? "");
    }
  }
  return tokens;
}

const verbs = new Set(["select", "insert", "update", "delete", "merge", "values", "table"]);
const known = new Set([
  ...verbs, "truncate", "copy", "create", "alter", "drop", "grant", "revoke", "set", "reset", "show", "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release",
  "call", "do", "vacuum", "analyze", "cluster", "reindex", "refresh", "lock", "listen", "notify", "unlisten", "prepare", "execute", "deallocate", "declare", "fetch", "move", "close",
  "discard", "comment", "security", "import", "checkpoint", "load", "reassign",
]);
const wordsInName = new Set(["only", "table", "if", "not", "exists", "lateral", "temp", "temporary", "unlogged", "concurrently", "materialized", "view", "foreign", "as"]);
/** Functions whose arguments are parted by FROM. */
const fromInside = new Set(["extract", "substring", "trim", "overlay", "position"]);

/** What the statement does: behind WITH and EXPLAIN stands what it really is. */
function actionOf(tokens: readonly Token[]): string {
  const first = tokens.find(({ text }) => text !== "(")?.text ?? "";
  if (first === "explain") return "EXPLAIN";
  if (first !== "with") return known.has(first) ? first.toUpperCase() : "OTHER";
  let depth = 0;
  for (const { text, kind } of tokens) {
    if (text === "(") depth += 1;
    else if (text === ")") depth -= 1;
    else if (depth === 0 && kind === "word" && verbs.has(text)) return text.toUpperCase();
  }
  return "OTHER";
}

/** Names that a statement gives to queries of its own. */
function ownNames(tokens: readonly Token[]): ReadonlySet<string> {
  const names = new Set<string>();
  if (tokens[0]?.text !== "with") return names;
  tokens.forEach(({ text, kind }, index) => {
    if (kind === "mark") return;
    const before = tokens[index - 1]?.text ?? "";
    if (before !== "with" && before !== "recursive" && before !== ",") return;
    const rest = tokens.slice(index + 1, index + 4).map((token) => token.text);
    if (rest[0] === "as" || rest[0] === "(") names.add(text);
  });
  return names;
}

type Named = { readonly name: string; readonly next: number };

/** The name at a place, with its schema; a function with its brackets. */
function nameAt(tokens: readonly Token[], from: number): Named | null {
  let at = from;
  while (tokens[at]?.kind === "word" && wordsInName.has(tokens[at]?.text ?? "")) at += 1;
  const parts: string[] = [];
  for (;;) {
    const token = tokens[at];
    if (token === undefined || (token.kind !== "word" && token.kind !== "name")) break;
    if (token.kind === "word" && (verbs.has(token.text) || token.text === "where" || token.text === "set")) break;
    parts.push(token.text);
    at += 1;
    if (tokens[at]?.text !== "." || tokens[at]?.kind !== "mark") break;
    at += 1;
  }
  if (parts.length === 0) return null;
  return { name: parts.join("."), next: at };
}

/** Whether the word at a place says that what it works on comes next. */
function leadsToName(tokens: readonly Token[], index: number, action: string): boolean {
  const { text } = tokens[index] ?? { text: "" };
  const before = tokens[index - 1]?.text ?? "";
  const isStart = index === 0 || before === "(" || before === "explain" || before === "as";
  switch (text) {
    case "from":
      return before !== "distinct" && action !== "REVOKE";
    case "join":
    case "into":
    case "truncate":
      return true;
    case "update":
      return isStart || before === "analyze" || before === ")";
    case "using":
      return tokens[index + 1]?.text !== "(" && (action === "DELETE" || action === "MERGE");
    case "table":
    case "view":
      return !["truncate", "from"].includes(before) && action !== "SELECT";
    case "copy":
    case "call":
    case "lock":
    case "refresh":
      return index === 0;
    case "on":
      return action === "GRANT" || action === "REVOKE" || (action === "CREATE" && tokens.slice(0, 4).some((token) => token.text === "index"));
    default:
      return false;
  }
}

function objectsOf(tokens: readonly Token[], action: string): string[] {
  const own = ownNames(tokens);
  const found = new Set<string>();
  /** For each open bracket whether FROM inside it parts arguments. */
  const brackets: boolean[] = [];
  for (let index = 0; index < tokens.length && found.size < mostObjects; index += 1) {
    const token = tokens[index];
    if (token?.text === "(") brackets.push(fromInside.has(tokens[index - 1]?.text ?? ""));
    else if (token?.text === ")") brackets.pop();
    if (token?.kind !== "word" || (token.text === "from" && brackets.at(-1)) || !leadsToName(tokens, index, action)) continue;
    let named = nameAt(tokens, index + 1);
    while (named) {
      const isFunction = tokens[named.next]?.text === "(" && token.text !== "into" && token.text !== "table" && token.text !== "copy" && token.text !== "on";
      if (!own.has(named.name)) found.add(isFunction ? `${named.name}()` : named.name);
      named = followingName(tokens, named.next, token.text);
    }
  }
  return [...found].slice(0, mostObjects);
}

/** `FROM a x, b y`: the next one behind a comma. */
function followingName(tokens: readonly Token[], from: number, lead: string): Named | null {
  if (lead === "into" || lead === "copy" || lead === "update") return null;
  let at = from;
  // An alias, with or without AS.
  if (tokens[at]?.text === "as") at += 1;
  if (tokens[at]?.kind === "name" || (tokens[at]?.kind === "word" && !stopsList.has(tokens[at]?.text ?? ""))) at += 1;
  if (tokens[at]?.text !== ",") return null;
  return nameAt(tokens, at + 1);
}

const stopsList = new Set(["where", "group", "order", "limit", "join", "left", "right", "inner", "outer", "full", "cross", "natural", "on", "using", "set", "having", "union", "intersect", "except", "for", "to", "window", "returning"]);

/** Reads the statements of one text. Never throws, whatever the text; what it cannot tell, it leaves out. */
export function readStatements(sql: string): Statement[] {
  const tokens = tokensOf(sql.slice(0, longest));
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "mark" && token.text === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements
    .filter((each) => each.length > 0)
    .slice(0, mostStatements)
    .map((each) => {
      const action = actionOf(each);
      const hash = createHash("sha256").update(each.map(({ text }) => text).join(" ")).digest("hex");
      return { action, objects: objectsOf(each, action), hash };
    });
}
