/** A secret that must be found nowhere, and what it was. */
export type Secret = { readonly what: string; readonly value: string };

/** Where a secret stood, in which form. Never holds the secret itself. */
export type Leak = { readonly what: string; readonly form: string; readonly where: string };

type Needle = { readonly what: string; readonly form: string; readonly text: string };

/** Shorter ones would be found by chance. */
const shortest = 12;

/**
 * The forms in which a secret could lie somewhere: as it is, in hexadecimal (`bytea`), in a URL, in JSON, and inside base64, where
 * its letters depend on how many bytes stand before it.
 */
export function needlesOf({ what, value }: Secret): Needle[] {
  if (value.length < shortest) throw new RangeError(`${what} is too short to be searched for`);
  const bytes = Buffer.from(value, "utf8");
  const forms: [string, string][] = [
    ["as it is", value],
    ["hexadecimal", bytes.toString("hex")],
    ["URL-encoded", encodeURIComponent(value)],
    ["JSON", JSON.stringify(value).slice(1, -1)],
    ["SQL", value.replaceAll("'", "''")],
  ];
  for (const before of [0, 1, 2]) {
    // The first and last letters mix with what stands around.
    const inside = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").replace(/=+$/, "");
    const sure = inside.slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 8) / 6));
    forms.push([`base64 after ${before} bytes`, sure], [`base64url after ${before} bytes`, sure.replaceAll("+", "-").replaceAll("/", "_")]);
  }
  const seen = new Set<string>();
  return forms.flatMap(([form, text]) => (seen.has(text) || !seen.add(text) ? [] : [{ what, form, text }]));
}

/** What looks like a signed token, whoever made it. */
const jwt = /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{20,}/;

/** Searches texts for many secrets at once. */
export class Canary {
  readonly leaks: Leak[] = [];
  readonly #needles: readonly Needle[];
  /** How much was searched, so that a test can tell a clean search from none. */
  searched = 0;

  constructor(secrets: readonly Secret[]) {
    this.#needles = secrets.flatMap(needlesOf);
  }

  search(text: string, where: string): void {
    this.searched += text.length;
    for (const { what, form, text: needle } of this.#needles) if (text.includes(needle)) this.leaks.push({ what, form, where });
    if (jwt.test(text)) this.leaks.push({ what: "some signed token", form: "as it is", where });
  }

  /** Bytes, in which every secret as it is would still be readable. */
  searchBytes(bytes: Buffer, where: string): void {
    this.search(bytes.toString("latin1"), where);
  }
}
