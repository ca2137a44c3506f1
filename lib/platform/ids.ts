import { v7 } from "uuid";

/** A new time-ordered id (UUID version 7, RFC 9562 §5.7). */
export function newId(): string {
  return v7();
}

/** The smallest id that could have been made at a moment, in milliseconds since 1970: what is below it is older. */
export function firstIdOf(ms: number): string {
  return v7({ msecs: ms, seq: 0, random: new Uint8Array(16) });
}
