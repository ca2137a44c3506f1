// Shared by all tabs of this browser: browsers open six connections per host over HTTP/1.1, and six tabs with a stream
// each would leave none for pages. One stream here, handed on to every tab.

const url = "/api/stream";
const silentAfterMs = 60_000;
const pauses = [2_000, 5_000, 15_000, 60_000];
/** A tab that has just loaded was rendered a moment ago: it is told what happened since. */
const recentMs = 10_000;
const mostRecent = 200;

/** Tabs and when each was heard last: a tab that crashed says no good-bye. */
const ports = new Map();
let recent = [];
let source = null;
let failures = 0;
let retry = null;

function tell(message) {
  for (const port of ports.keys()) port.postMessage(message);
}

function stop() {
  if (source) source.close();
  if (retry) clearTimeout(retry);
  source = null;
  retry = null;
  recent = [];
}

function retryLater() {
  stop();
  if (ports.size === 0) return;
  retry = setTimeout(start, pauses[Math.min(failures, pauses.length - 1)]);
  failures++;
}

function start() {
  if (source || ports.size === 0) return;
  if (retry) clearTimeout(retry);
  retry = null;
  source = new EventSource(url);
  source.onopen = () => {
    failures = 0;
    tell({ kind: "open" });
    // Whatever happened until now was not heard, since the last connection or since the page was rendered.
    tell({ kind: "gap" });
  };
  source.addEventListener("change", (event) => {
    const change = JSON.parse(event.data);
    recent = [...recent.slice(1 - mostRecent), { at: Date.now(), change }];
    tell({ kind: "change", change });
  });
  source.addEventListener("gap", () => tell({ kind: "gap" }));
  source.addEventListener("signed-out", () => {
    tell({ kind: "signed-out" });
    // Perhaps somebody has signed in again in this browser: one more try, in a moment.
    retryLater();
  });
  source.onerror = () => {
    tell({ kind: "lost" });
    // Refused (signed out, too many): the browser does not try again by itself.
    if (source && source.readyState === EventSource.CLOSED) retryLater();
  };
}

function forget(port) {
  ports.delete(port);
  if (ports.size === 0) stop();
}

function welcome(port) {
  port.postMessage({ kind: "open" });
  for (const { at, change } of recent) if (Date.now() - at < recentMs) port.postMessage({ kind: "change", change });
}

setInterval(() => {
  for (const [port, heardAt] of ports) if (Date.now() - heardAt > silentAfterMs) forget(port);
}, silentAfterMs / 2);

self.onconnect = (connection) => {
  const port = connection.ports[0];
  port.onmessage = ({ data }) => {
    if (data === "bye") return forget(port);
    const isNew = !ports.has(port);
    ports.set(port, Date.now());
    if (isNew) failures = 0;
    if (source && source.readyState === EventSource.OPEN) {
      if (isNew) welcome(port);
    } else if (isNew) {
      stop();
      start();
    }
  };
};
