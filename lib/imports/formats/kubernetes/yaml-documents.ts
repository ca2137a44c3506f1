import { parseDocument } from "yaml";
import { limits } from "../../rules";
import { linesOf } from "../bytes";

/** A YAML document, or one item of a list that is a document by itself; `text` is null where it is too long to be read. */
export type YamlPart = { readonly line: number; readonly text: string | null };

const longest = 2 * limits.recordBytes;

/** Collects lines into one part. */
class Part {
  readonly lines: string[] = [];
  line = 0;
  length = 0;
  isTooLong = false;

  add(line: number, text: string | null): void {
    if (this.line === 0) this.line = line;
    if (text === null || this.length + text.length > longest) {
      this.isTooLong = true;
      this.lines.length = 0;
      return;
    }
    if (this.isTooLong) return;
    this.lines.push(text);
    this.length += text.length + 1;
  }

  get part(): YamlPart {
    return { line: this.line, text: this.isTooLong ? null : this.lines.join("\n") };
  }

  get isEmpty(): boolean {
    return !this.isTooLong && this.lines.every((text) => text.trim() === "" || text.trimStart().startsWith("#") || text.startsWith("%"));
  }
}

/**
 * Cuts a stream of YAML into documents, and a list as `kubectl get -o yaml` writes it into its items, so that the whole is never
 * held. A list's own head and tail become parts, too; they say nothing that is looked for.
 */
export async function* yamlParts(source: AsyncIterable<string>): AsyncGenerator<YamlPart> {
  let part = new Part();
  let items: string | null = null;
  const take = (): YamlPart | null => {
    const done = part;
    part = new Part();
    return done.isEmpty ? null : done.part;
  };
  for await (const { line, text } of linesOf(source)) {
    const isEnd = text !== null && /^(?:---|\.\.\.)(?:\s|$)/.test(text);
    const item = text === null ? null : /^( {0,4})- /.exec(text);
    const startsItem = items !== null && item?.[1] === items;
    const leavesItems = items !== null && text !== null && /^[^\s#-]/.test(text);
    if (isEnd || startsItem || leavesItems) {
      const done = take();
      if (done) yield done;
    }
    if (isEnd || leavesItems) items = null;
    if (text !== null && /^items:\s*$/.test(text)) {
      // What stood before it is the list's own head.
      part = new Part();
      items = "";
      continue;
    }
    if (items === "" && item && part.isEmpty) items = item[1] ?? "";
    if (!isEnd) part.add(line, text);
    else if (text !== null && text.length > 4 && text.startsWith("--- ")) part.add(line, text.slice(4));
  }
  const last = take();
  if (last) yield last;
}

/** What a part says: an object, or why it cannot be read. Anchors and aliases are limited, tags of their own are refused. */
export function readYaml(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly code: "aliases" | "not-readable" } {
  try {
    const document = parseDocument(text, { schema: "core", version: "1.2", merge: false, logLevel: "silent", prettyErrors: false, stringKeys: true });
    if (document.errors.length > 0 || document.warnings.length > 0) return { ok: false, code: "not-readable" };
    const value: unknown = document.toJS({ maxAliasCount: limits.aliases });
    return { ok: true, value: Array.isArray(value) && value.length === 1 ? value[0] : value };
  } catch (error) {
    // `yaml` throws these for too many aliases and for a nesting that is too deep; their messages may hold content.
    if (error instanceof ReferenceError) return { ok: false, code: "aliases" };
    if (error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError) return { ok: false, code: "not-readable" };
    throw error;
  }
}
