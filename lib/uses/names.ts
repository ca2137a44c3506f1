import { findSecrets, longestScanned } from "@/lib/platform/secret-scan";

/** What stands where a name looked like a secret. */
export const withheld = "withheld: looks like a secret";

/** Published names that look random and are none. */
const publicNames = /\b(?:AKIA|ASIA|AIDA|AROA|ANPA|AGPA)[A-Z0-9]{12,20}\b|\barn:aws[\w-]*:[^\s,]+|\bcurfew_[0-9a-f]{8}_[0-9a-f]{32}\b|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;
const mostRemembered = 20_000;
const known = new Map<string, boolean>();

async function isSecret(name: string): Promise<boolean> {
  const seen = known.get(name);
  if (seen !== undefined) return seen;
  const { found } = await findSecrets(name.replace(publicNames, "name"));
  if (known.size >= mostRemembered) known.clear();
  known.set(name, found);
  return found;
}

/**
 * Which of these names look like a secret: people type passwords where a name belongs, and paths carry keys. Names that come
 * again are not looked at again; all new ones are looked at together first.
 */
export async function secretNames(names: Iterable<string>): Promise<ReadonlySet<string>> {
  const fresh = [...new Set(names)].filter((name) => !known.has(name));
  for (const piece of pieces(fresh)) {
    const { found } = await findSecrets(piece.join("\n").replace(publicNames, "name"));
    if (!found) for (const name of piece) if (known.size < mostRemembered) known.set(name, false);
  }
  const secret = new Set<string>();
  for (const name of names) if (await isSecret(name)) secret.add(name);
  return secret;
}

/** As many at once as are scanned whole. */
function* pieces(names: readonly string[]): Generator<string[]> {
  let piece: string[] = [];
  let length = 0;
  for (const name of names) {
    if (length + name.length + 1 > longestScanned) {
      yield piece;
      piece = [];
      length = 0;
    }
    piece.push(name);
    length += name.length + 1;
  }
  if (piece.length > 0) yield piece;
}
