"use client";

import { useEffect, useState } from "react";
import { findAnswerSchema, findLimits, type Found } from "@/lib/overview/schema";

type FindState = {
  /** The text that these were found for. */
  readonly text: string;
  readonly found: readonly Found[];
  readonly hasFailed: boolean;
};

const nothing: FindState = { text: "", found: [], hasFailed: false };
const restMilliseconds = 150;

async function ask(text: string, signal: AbortSignal): Promise<FindState> {
  const response = await fetch(`/api/find?q=${encodeURIComponent(text)}`, { signal });
  const answer = response.ok ? findAnswerSchema.safeParse(await response.json()) : null;
  return answer?.success ? { text, found: answer.data.found, hasFailed: false } : { text, found: [], hasFailed: true };
}

/** Asks the server what goes by this name, after a moment of rest; an overtaken question is dropped. */
export function useFind(typed: string): FindState & { readonly isAsking: boolean } {
  const text = typed.trim();
  const isWorthAsking = text.length >= findLimits.shortest;
  const [state, setState] = useState<FindState>(nothing);
  useEffect(() => {
    if (!isWorthAsking) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      ask(text, abort.signal).then(setState, (error: unknown) => {
        if (!abort.signal.aborted) setState({ text, found: [], hasFailed: true });
        else if (!(error instanceof DOMException)) throw error;
      });
    }, restMilliseconds);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, isWorthAsking]);
  if (!isWorthAsking) return { ...nothing, isAsking: false };
  return { ...state, isAsking: state.text !== text };
}
