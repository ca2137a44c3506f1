"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { TogetherNews, TogetherResult } from "@/lib/requests/together";

/** What is known of many that are decided with one click: only what the server said that it has committed. */
export type Progress = {
  /** Nothing comes any more because the connection broke: what is not in `results` is not known. */
  readonly status: "running" | "done" | "broken";
  readonly answer: "approve" | "deny";
  readonly of: number;
  readonly left: readonly TogetherResult[];
  readonly results: readonly TogetherResult[];
};

type Problem = { readonly code: string; readonly text: string };
type Asked = { readonly selected: string; readonly answer: "approve" | "deny"; readonly reason: string; readonly of: number };

const words: Readonly<Record<string, string>> = {
  "nothing-together": "None of them can be decided together any more. Nothing was decided.",
  "secret-in-text": "The reason looks like it holds a secret. Nothing was decided: take it out.",
  "signed-out": "You are signed out. Nothing was decided: sign in in another tab, then try again.",
  "no-permission": "You do not hold a role that decides any more. Nothing was decided.",
};

/** Decides many and hears what came of each as it comes. */
export function useTogether() {
  const router = useRouter();
  const [progress, setProgress] = useState<Progress | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const decide = async ({ of, ...asked }: Asked): Promise<void> => {
    let known: Progress = { status: "running", answer: asked.answer, of, left: [], results: [] };
    const tell = (more: Partial<Progress>) => {
      known = { ...known, ...more };
      setProgress(known);
    };
    setProblem(null);
    tell({});
    try {
      const response = await fetch("/api/approvals/together", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(asked) });
      if (!response.ok || !response.body) {
        setProblem(await problemOf(response));
        setProgress(null);
        return;
      }
      for await (const news of newsOf(response.body)) tell("of" in news ? news : { results: [...known.results, news.result] });
      tell({ status: known.results.length === known.of ? "done" : "broken" });
    } catch {
      tell({ status: "broken" });
    }
    router.refresh();
  };
  return { progress, problem, decide };
}

/** One piece of news a line; an unfinished line is none. */
async function* newsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<TogetherNews> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as TogetherNews;
  }
}

/** Only answers of Curfew itself say that nothing was decided. */
async function problemOf(response: Response): Promise<Problem> {
  const said = (await response.json().catch(() => ({}))) as { code?: string; errors?: readonly { message: string }[] };
  const code = said.code ?? "";
  const text = said.errors?.[0]?.message ?? words[code] ?? "Something went wrong on our side. Close this and look what was decided: none is decided twice.";
  return { code, text };
}
