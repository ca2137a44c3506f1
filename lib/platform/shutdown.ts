import "server-only";

type Closer = () => void | Promise<void>;

// Next bundles instrumentation and each route apart, so module state is not shared between them; this is.
const kept = globalThis as { curfewClosers?: Set<Closer>; curfewClosing?: boolean };

/** Registers what has to end before the web server can exit: its own sockets wait for streams, and streams for nobody. */
export function onShutdown(close: Closer): () => void {
  const closers = (kept.curfewClosers ??= new Set());
  closers.add(close);
  return () => closers.delete(close);
}

/** True from the moment at which this process was told to stop. */
export function isShuttingDown(): boolean {
  return kept.curfewClosing === true;
}

/** Ends everything registered; answers what could not be ended. */
export async function shutDown(): Promise<unknown[]> {
  kept.curfewClosing = true;
  const closers = [...(kept.curfewClosers ?? [])];
  kept.curfewClosers?.clear();
  const results = await Promise.allSettled(closers.map(async (close) => close()));
  return results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
}
