"use client";

/** One thing that happened: a kind of event and the ids of what it is about. Names and words are read from the server. */
export type LiveChange = { readonly type: string; readonly subjects: Readonly<Record<string, string>> };

/** What a listener hears. `missed`: the connection was away for a while, so anything may have changed. */
export type LiveNews = { readonly changes: readonly LiveChange[]; readonly missed: boolean };

/** How live the page is: `lost` while the browser tries to come back. */
export type LiveState = "connecting" | "open" | "lost" | "signed-out";

type Message =
  | { readonly kind: "open" | "lost" | "gap" | "signed-out" }
  | { readonly kind: "change"; readonly change: LiveChange };

const workerUrl = "/live-worker.js";
const streamUrl = "/api/stream";
const stillHereMs = 20_000;
/** Changes within this time are told together: a batch of a thousand ends is one refresh, not a thousand. */
const togetherMs = 250;

const newsListeners = new Set<(news: LiveNews) => void>();
const stateListeners = new Set<() => void>();
let state: LiveState = "connecting";
let disconnect: (() => void) | null = null;
let gathered: LiveChange[] = [];
let missed = false;
let timer: ReturnType<typeof setTimeout> | null = null;

function setState(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const listener of stateListeners) listener();
}

function flush(): void {
  timer = null;
  const news = { changes: gathered, missed };
  gathered = [];
  missed = false;
  for (const listener of newsListeners) listener(news);
}

function receive(message: Message): void {
  switch (message.kind) {
    case "open":
      return setState("open");
    case "lost":
      return setState("lost");
    case "signed-out":
      // Whoever is on this page asks the server again and is led to the sign-in page by it.
      setState("signed-out");
      missed = true;
      break;
    case "gap":
      missed = true;
      break;
    case "change":
      gathered.push(message.change);
  }
  timer ??= setTimeout(flush, togetherMs);
}

function connectByWorker(): () => void {
  const { port } = new SharedWorker(workerUrl, { name: "curfew-live" });
  port.onmessage = ({ data }: MessageEvent<Message>) => receive(data);
  port.start();
  const hello = () => port.postMessage("hello");
  const bye = () => port.postMessage("bye");
  hello();
  const beat = setInterval(hello, stillHereMs);
  window.addEventListener("pagehide", bye);
  // A page that comes back from the browser's memory has said good-bye.
  window.addEventListener("pageshow", hello);
  return () => {
    clearInterval(beat);
    window.removeEventListener("pagehide", bye);
    window.removeEventListener("pageshow", hello);
    bye();
    port.close();
  };
}

/** For browsers without shared workers (some on phones): a stream of this tab's own, while the tab is seen. */
function connectAlone(): () => void {
  let source: EventSource | null = null;
  const open = () => {
    source = new EventSource(streamUrl);
    source.onopen = () => {
      receive({ kind: "open" });
      receive({ kind: "gap" });
    };
    source.onerror = () => receive({ kind: "lost" });
    source.addEventListener("change", ({ data }: MessageEvent<string>) => {
      receive({ kind: "change", change: JSON.parse(data) as LiveChange });
    });
    source.addEventListener("gap", () => receive({ kind: "gap" }));
    source.addEventListener("signed-out", () => {
      close();
      receive({ kind: "signed-out" });
    });
  };
  const close = () => {
    source?.close();
    source = null;
  };
  const follow = () => {
    if (document.hidden) close();
    else if (!source) open();
  };
  document.addEventListener("visibilitychange", follow);
  follow();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    close();
  };
}

function connect(): () => void {
  if (typeof SharedWorker === "undefined") return connectAlone();
  return connectByWorker();
}

/** Hears what changes, in bundles. The first listener of a page connects it, the last one disconnects it. */
export function onLiveNews(listener: (news: LiveNews) => void): () => void {
  newsListeners.add(listener);
  disconnect ??= connect();
  return () => {
    newsListeners.delete(listener);
    if (newsListeners.size > 0) return;
    disconnect?.();
    disconnect = null;
    if (timer) clearTimeout(timer);
    timer = null;
    gathered = [];
    missed = false;
    setState("connecting");
  };
}

/** For `useSyncExternalStore`: hears when `liveState` changes. */
export function onLiveState(listener: () => void): () => void {
  stateListeners.add(listener);
  return () => stateListeners.delete(listener);
}

/** How live this page is right now. */
export function liveState(): LiveState {
  return state;
}
