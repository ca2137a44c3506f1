"use client";

import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { useLive } from "@/components/live/live-events";
import { parseWaiting, type Waiting } from "@/lib/overview/types";

const nothing: Waiting = { approvals: 0, requests: 0, sessions: 0, reviews: 0, people: 0, identities: 0, inbox: 0 };
const WaitingContext = createContext<Waiting>(nothing);
/** Kinds of events that a count may follow. */
const counted = ["request.", "grant.", "review.", "proposal.", "directory.", "person.", "hand-over.", "inbox."];
/** However much happens, the counts are asked for this seldom. */
const restMilliseconds = 3_000;

async function ask(): Promise<Waiting | null> {
  const response = await fetch("/api/waiting");
  return response.ok ? parseWaiting(await response.json()) : null;
}

/**
 * Keeps the counts in the navigation true without rendering the page anew: a page that shows a secret once must not be
 * touched because a request came in.
 */
export function WaitingProvider({ waiting, children }: { waiting: Waiting; children: ReactNode }) {
  const [fresh, setFresh] = useState<{ readonly over: Waiting; readonly counts: Waiting } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  useLive(({ changes, missed }) => {
    if (!missed && !changes.some(({ type }) => counted.some((kind) => type.startsWith(kind)))) return;
    if (timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      ask().then(
        (counts) => {
          if (counts) setFresh({ over: waiting, counts });
        },
        // Offline or restarting: the counts stay, and the notice above the page says why.
        () => undefined,
      );
    }, restMilliseconds);
  });

  // A newer answer of the server itself wins over what was asked for before it.
  return <WaitingContext value={fresh?.over === waiting ? fresh.counts : waiting}>{children}</WaitingContext>;
}

/** What waits for this person now. */
export function useWaiting(): Waiting {
  return useContext(WaitingContext);
}
