import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupProblem } from "../system/problem";

type Answer = { readonly status: number; readonly body: string };

/** Asks the web server on loopback under the name that it is known by: it answers to no other. */
export function askHealth(port: number, url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.get(
      { host: "127.0.0.1", port, path: "/api/health", headers: { host: new URL(url).host }, timeout: 5_000, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body = (body + chunk).slice(0, 4_000)));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer in 5 s")));
    request.on("error", reject);
  });
}

export type HealthWatch = {
  readonly port: number;
  readonly url: string;
  readonly patience: number;
  readonly signal: AbortSignal;
  /** Tells early that waiting is useless. */
  readonly failed: () => string | null;
};

/** Waits until everything is healthy; else says what was not, in the health report's own words. */
export async function waitUntilHealthy({ port, url, patience, signal, failed }: HealthWatch): Promise<void> {
  const deadline = Date.now() + patience;
  let last = "no answer yet";
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    const failure = failed();
    if (failure) throw new SetupProblem(failure);
    try {
      const answer = await askHealth(port, url);
      if (answer.status === 200) return;
      last = `status ${answer.status}: ${answer.body.slice(0, 600)}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(200, undefined, { signal });
  }
  throw new SetupProblem(`Curfew did not become healthy in ${patience / 1000} s. GET /api/health: ${last}`);
}
