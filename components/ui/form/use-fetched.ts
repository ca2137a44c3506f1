"use client";

import { useEffect, useState } from "react";

/** What came back for an address; the last good answer stays while the next one is on its way. */
export type Fetched<Value> = {
  readonly value: Value | null;
  /** The value belongs to an earlier address. */
  readonly isOld: boolean;
  /** Messages by field, where the server did not take the input. */
  readonly problems: Readonly<Record<string, readonly string[]>>;
  readonly failed: boolean;
};

type Kept<Value> = { readonly of: string | null; readonly value: Value | null; readonly problems: Fetched<Value>["problems"]; readonly failed: boolean };
/** A moment in which a restart or a lost connection is over, in milliseconds. */
const beforeSecondTry = 1_000;

type Problem = { readonly errors?: readonly { readonly field: string; readonly message: string }[] };

/**
 * Reads an address of ours after a moment of rest; a newer address aborts the older one, so that answers never overtake each
 * other. Null asks nothing. `attempt` asks the same address again. Reading changes nothing, so one that failed is tried once
 * more before anybody is told.
 */
export function useFetched<Value>(address: string | null, { restMs, attempt = 0 }: { restMs: number; attempt?: number }): Fetched<Value> {
  const [kept, setKept] = useState<Kept<Value>>({ of: null, value: null, problems: {}, failed: false });
  useEffect(() => {
    if (address === null) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      read<Value>(address, controller.signal).then(
        (answer) => setKept((before) => ({ of: address, failed: false, ...answer, value: answer.value ?? before.value })),
        (error: unknown) => {
          if (!controller.signal.aborted) setKept((before) => ({ ...before, of: address, failed: true, problems: {} }));
          else if (!(error instanceof DOMException)) throw error;
        },
      );
    }, restMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [address, restMs, attempt]);
  return { value: address === null ? null : kept.value, isOld: kept.of !== address, problems: kept.of === address ? kept.problems : {}, failed: kept.of === address && kept.failed };
}

async function askTwice(address: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  const first = await fetch(address, init).catch((error: unknown) => {
    if (init.signal.aborted) throw error;
    return null;
  });
  if (first !== null && first.status < 500) return first;
  await new Promise((resolve) => setTimeout(resolve, beforeSecondTry));
  return fetch(address, init);
}

async function read<Value>(address: string, signal: AbortSignal): Promise<{ value: Value | null; problems: Record<string, string[]> }> {
  const response = await askTwice(address, { signal, headers: { accept: "application/json" } });
  if (response.ok) return { value: (await response.json()) as Value, problems: {} };
  if (response.status !== 400) throw new TypeError(`answered ${response.status}`);
  const problem = (await response.json()) as Problem;
  const problems: Record<string, string[]> = {};
  for (const { field, message } of problem.errors ?? []) (problems[field] ??= []).push(message);
  return { value: null, problems };
}
