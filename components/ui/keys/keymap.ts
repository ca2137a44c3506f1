/** What a key press means while keys may be typed one after another: `j`, or `g` and then `o`. */
export type KeyStep =
  | { readonly kind: "run"; readonly keys: string }
  | { readonly kind: "wait"; readonly prefix: string }
  | { readonly kind: "none" };

/**
 * Decides what a key does: runs a single key, waits after the first key of a pair, or completes a pair. A key that
 * follows a waiting one never runs as a single key, so that `g` `a` goes to approvals and approves nothing.
 */
export function nextStep(known: readonly string[], waiting: string | null, key: string): KeyStep {
  if (waiting !== null) {
    const pair = `${waiting} ${key}`;
    return known.includes(pair) ? { kind: "run", keys: pair } : { kind: "none" };
  }
  if (known.some((keys) => keys.startsWith(`${key} `))) return { kind: "wait", prefix: key };
  return known.includes(key) ? { kind: "run", keys: key } : { kind: "none" };
}
