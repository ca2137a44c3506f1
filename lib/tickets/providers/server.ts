import "server-only";
import { callOutside } from "@/lib/platform/outbound";
import { TicketFault, type Answer, type ProviderAccess, type TicketApi, type TicketProvider } from "./contract";

const timeoutMs = 5_000;
const mostBytes = 1_048_576;

/** Seconds that a server asks us to wait; at most an hour, whatever it says. */
function retryAfter(value: string | string[] | undefined): number | null {
  const seconds = Number(Array.isArray(value) ? value[0] : value);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3_600) : null;
}

function judge(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
  if (status >= 200 && status < 300) return;
  const wait = retryAfter(headers["retry-after"]);
  if (status === 404 || status === 410) throw new TicketFault("not-found", `answered ${status}`);
  // Where GitHub has had enough of us it says 403, with a time to wait or nothing left.
  const limited = status === 429 || (status === 403 && (wait !== null || headers["x-ratelimit-remaining"] === "0"));
  if (limited || status >= 500 || status === 409 || status === 412) throw new TicketFault("down", `answered ${status}`, wait);
  if (status >= 300 && status < 400) throw new TicketFault("refused", "answered with a redirect, which is not followed");
  throw new TicketFault("refused", `answered ${status}`);
}

function parse(body: string): unknown {
  if (body.trim() === "") return null;
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) throw new TicketFault("down", "the answer is not JSON");
    throw error;
  }
}

/**
 * Speaks with the one server that an administrator configured: no redirect is followed, an answer has a size and a time, and
 * addresses inside the network are asked only where that was allowed for this server.
 */
export function openServer(provider: TicketProvider, access: ProviderAccess): TicketApi {
  const answers: Answer[] = [];
  const base = access.baseUrl.replace(/\/+$/, "");
  async function call(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<unknown> {
    const answer = await callOutside({
      method,
      url: `${base}${path}`,
      headers: {
        accept: "application/json",
        "user-agent": "curfew",
        ...provider.authorization(access),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      mayBeInside: access.mayBeInside,
      timeoutMs,
      mostBytes,
    });
    if (!answer.ok) throw new TicketFault(answer.code === "internal-address" || answer.code === "insecure" ? "refused" : "down", answer.code);
    judge(answer.status, answer.headers);
    if (method === "GET") answers.push({ path, body: answer.body });
    return parse(answer.body);
  }
  return { access, answers, get: (path) => call("GET", path), send: call };
}
