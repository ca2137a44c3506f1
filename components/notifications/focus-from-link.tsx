"use client";

import { useEffect } from "react";

/** What a link from a message may bring under the cursor. Nothing is chosen by it: whoever decides still presses the button. */
const fields: Readonly<Record<string, string>> = { "#deny": "textarea[name=reason]", "#ask": "[data-focus=ask]" };

/** Puts the focus where a link from a message leads: the reason of a decision, or the question. */
export function FocusFromLink() {
  useEffect(() => {
    const selector = fields[window.location.hash];
    const field = selector === undefined ? null : document.querySelector<HTMLElement>(selector);
    field?.focus();
    field?.scrollIntoView({ block: "center" });
  }, []);
  return null;
}
