"use client";

import { createContext, type ReactNode, useCallback, useContext, useEffect, useSyncExternalStore } from "react";

/** Server clock minus this browser's clock, in milliseconds. */
let offset = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick() {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Sets the browser's idea of the server's clock, for example from a live event that carries the server's time. */
export function setServerNow(serverNow: number, receivedAt = Date.now()): void {
  offset = serverNow - receivedAt;
  tick();
}

/** The server's time now, as well as this browser knows it. */
export function serverNow(): number {
  return Date.now() + offset;
}

const FirstNow = createContext(0);

/** Lets every time on the page agree with the server's clock, however wrong this computer's is. */
export function ClockProvider({ serverNow: now, children }: { serverNow: number; children: ReactNode }) {
  useEffect(() => {
    const [navigation] = performance.getEntriesByType("navigation");
    const answered =
      navigation instanceof PerformanceNavigationTiming && navigation.responseStart > 0
        ? performance.timeOrigin + navigation.responseStart
        : Date.now();
    setServerNow(now, answered);
  }, [now]);
  return <FirstNow value={now}>{children}</FirstNow>;
}

/**
 * The server's time in milliseconds, in steps of `step`; the component renders again when the step changes. On the
 * server and while hydrating it is the time of the answer, so that both sides render the same text.
 */
export function useNow(step = 1_000): number {
  const first = useContext(FirstNow);
  const getSnapshot = useCallback(() => Math.floor(serverNow() / step) * step, [step]);
  const getServerSnapshot = useCallback(() => Math.floor(first / step) * step, [first, step]);
  return useSyncExternalStore(subscribe, getSnapshot, getServerSnapshot);
}

const never = () => () => {};

/** The reader's own time zone; UTC on the server and while hydrating. */
export function useTimeZone(): string {
  return useSyncExternalStore(
    never,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => "UTC",
  );
}
