import { v7 } from "uuid";

/** A new time-ordered id (UUID version 7, RFC 9562 §5.7). */
export function newId(): string {
  return v7();
}
