// Loaded into the web server before Next makes it: how long a client may take, whatever it asks for. Node's own limits are a
// minute for headers and are looked at every half minute only.
import http from "node:http";

/** Headers are there by then, or the connection is cut with 408. */
const headersTimeout = 10_000;
/** The whole request is: as long as the largest import may take. Routes that need less have a time of their own. */
const requestTimeout = 300_000;
const connectionsCheckingInterval = 1_000;

const createServer = http.createServer;

http.createServer = (options, listener) => {
  const [given, handler] = typeof options === "function" ? [{}, options] : [options ?? {}, listener];
  const server = createServer({ ...given, headersTimeout, requestTimeout, connectionsCheckingInterval }, handler);
  return server.on("clientError", (error, socket) => {
    // Reset by the client: nobody is there to be told anything.
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy();
    const status = { ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout", HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large" }[error.code] ?? "400 Bad Request";
    console.log(JSON.stringify({ level: "warn", time: new Date().toISOString(), pid: process.pid, event: "http.cut", code: error.code, status: Number(status.slice(0, 3)) }));
    // An answer that has begun cannot become another one.
    if (!socket._httpMessage?.headersSent) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
    socket.destroySoon();
  });
};
