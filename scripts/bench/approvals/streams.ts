import { createServer, type ServerResponse } from "node:http";
import { findSignIn } from "@/lib/auth/sign-ins";
import { openStream } from "@/lib/auth/streams";
import { openSignIn } from "@/lib/people/mutations";
import { listeners } from "./data";

async function pass(stream: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
  const reader = stream.getReader();
  response.on("close", () => void reader.cancel());
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) response.write(piece.value);
  response.end();
}

/** Serves the live stream as the product's route does, and tells its parent where, and with which sign-ins. */
const server = createServer((request, response) => {
  void findSignIn(request.headers.authorization ?? "", { isActivity: false }).then(async (signedIn) => {
    const stream = signedIn && openStream(signedIn);
    if (stream) await pass(stream, response);
    else response.writeHead(401).end();
  });
});

const tokens: string[] = [];
for (const personId of listeners) {
  const opened = await openSignIn(personId);
  if (!opened.ok) throw new Error(opened.code);
  tokens.push(opened.value.token);
}
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" && address ? address.port : 0, tokens });
});
