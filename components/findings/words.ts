import type { SeenRefusal } from "@/lib/findings/rules";

/** Why nobody’s word was taken on a finding. */
export const seenRefusals = {
  "unknown-finding": "This finding is not yours to look at. Nothing changed.",
  "already-closed": "It has closed by itself since. Nothing was saved, and nothing is left to do.",
  "already-seen": "Somebody said so just before you. Load the page again to read it; nothing of yours was saved.",
  "closes-by-itself": "It closes by itself once the gap is gone; a word does not settle it.",
  "own-act": "You asked for this, voted on it, ended it or stand on its asking side. Somebody else has to look at it; nothing was saved.",
  "secret-in-text": "This looks like a secret. Nothing was saved: take it out.",
} satisfies Record<SeenRefusal | "secret-in-text", string>;
