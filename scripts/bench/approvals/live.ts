import { EventEmitter, once } from "node:events";
import { get, type ClientRequest } from "node:http";
import pg from "pg";
import { z } from "zod";
import { sharedNow } from "../asked";
import { load, percentile, spread, type Row } from "../report";
import { allowanceMs, ask, floorMs, mostGrowth, type Size } from "../sizes";

const browsers = 200;
const [warmUp, rounds] = [10, 60];
const patienceMs = 60_000;

const servedSchema = z.object({ port: z.number(), tokens: z.array(z.string()) });
const toldSchema = z.object({ type: z.string(), subjects: z.record(z.string(), z.string()) });

/** When each browser, and a bare listener of the database, heard of the vote on a request. */
class Hearing extends EventEmitter {
  readonly #at = new Map<string, number[]>();
  readonly #bare = new Map<string, number>();

  hear(payload: string, isBare: boolean): void {
    const { type, subjects } = toldSchema.parse(JSON.parse(payload));
    const request = subjects["request"];
    if (type !== "request.voted" || request === undefined) return;
    if (isBare) this.#bare.set(request, sharedNow());
    else this.#at.set(request, [...(this.#at.get(request) ?? []), sharedNow()]);
    this.emit("heard");
  }

  /** When the first and the last browser heard of it, and the bare listener. */
  async all(request: string): Promise<{ first: number; last: number; bare: number }> {
    const signal = AbortSignal.timeout(patienceMs);
    for (;;) {
      const [at, bare] = [this.#at.get(request) ?? [], this.#bare.get(request)];
      if (at.length >= browsers && bare !== undefined) return { first: Math.min(...at), last: Math.max(...at), bare };
      await once(this, "heard", { signal });
    }
  }
}

/** An open page: reads its stream as a browser does. */
async function openBrowser(url: string, token: string, hear: (payload: string) => void): Promise<ClientRequest> {
  const request = get(url, { agent: false, headers: { authorization: token, accept: "text/event-stream" } });
  const [response] = await once(request, "response");
  if (response.statusCode !== 200) throw new Error(`a stream was refused: ${response.statusCode}`);
  let rest = "";
  response.setEncoding("utf8");
  response.on("data", (text: string) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const [event, data] = block.split("\n");
      if (event === "event: change") hear((data ?? "").slice("data: ".length));
    }
  });
  response.on("error", () => undefined);
  return request;
}

type Delays = { readonly first: number[]; readonly last: number[]; readonly bare: number[] };

async function delays(size: Size, what: number): Promise<Delays> {
  const worker = size.start("lib/worker/main.ts");
  const server = size.start("scripts/bench/approvals/streams.ts");
  const bare = new pg.Client({ connectionString: size.cluster.url("curfew") });
  const open: ClientRequest[] = [];
  try {
    const { port, tokens } = servedSchema.parse((await once(server, "message"))[0]);
    const hearing = new Hearing();
    await bare.connect();
    bare.on("notification", ({ payload }) => hearing.hear(payload ?? "", true));
    await bare.query("listen curfew");
    for (let browser = 0; browser < browsers; browser += 1) {
      open.push(await openBrowser(`http://127.0.0.1:${port}/`, tokens[browser % tokens.length] ?? "", (payload) => hearing.hear(payload, false)));
    }
    const found: Delays = { first: [], last: [], bare: [] };
    for (let round = 0; round < warmUp + rounds; round += 1) {
      const { committedAt = 0, about = "" } = await ask(size, { what, round });
      const heard = await hearing.all(about);
      if (round < warmUp) continue;
      for (const key of ["first", "last", "bare"] as const) found[key].push(heard[key] - committedAt);
    }
    return found;
  } finally {
    for (const request of open) request.destroy();
    await bare.end();
    for (const child of [server, worker]) {
      if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
    }
  }
}

/** From the commit of a vote until 200 open browsers have heard of it, the worker giving events their places as always. */
export async function benchLive(all: readonly Size[], what: number): Promise<Row[]> {
  const rows: Row[] = [];
  let smallest: number | null = null;
  for (const size of all) {
    const { first, last, bare } = await delays(size, what);
    const p95 = percentile(last, 0.95);
    const own = percentile(bare, 0.95);
    const base: number | null = smallest === null ? null : Math.max(smallest, floorMs);
    smallest ??= p95;
    rows.push(
      { what: "commit of a vote → the first of 200 browsers", size: size.data, figure: `${spread(first)}, ${load()}`, limit: "–", holds: null },
      {
        what: "commit of a vote → the last of 200 browsers",
        size: size.data,
        figure: `${spread(last)} · p95 ${p95.toFixed(1)} ms, ${load()}`,
        limit: `a bare listener of the database p95 ${own.toFixed(1)} ms + ${allowanceMs} ms${base === null ? "" : `; ${mostGrowth} × ${base.toFixed(1)} ms`}`,
        holds: p95 <= own + allowanceMs && (base === null || p95 <= base * mostGrowth),
      },
    );
  }
  return rows;
}
