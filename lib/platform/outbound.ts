import "server-only";
import { lookup as resolve, type LookupAddress } from "node:dns";
import http from "node:http";
import https from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Why a call to somebody else's server gave no answer. */
export type OutboundFailure = "internal-address" | "unknown-host" | "unreachable" | "timed-out" | "tls" | "insecure" | "answer-too-large";

type OutboundAnswer =
  | { readonly ok: true; readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly body: string; /** The same body, where it is no text. */ readonly bytes: Buffer }
  | { readonly ok: false; readonly code: OutboundFailure };

type OutboundCall = {
  readonly method: "GET" | "POST" | "PUT";
  /** Set by a person: attacker-controlled as far as this process is concerned. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** An administrator said that this very host may stand inside the network; only then plain http is spoken, too. */
  readonly mayBeInside: boolean;
  /** For everything: name, connection, all of the answer. However slowly it trickles in. */
  readonly timeoutMs: number;
  /** More of an answer's body than this is a failure; null: its head is enough, the body is not read at all. */
  readonly mostBytes: number | null;
};

/** Networks that are nobody's public server (IANA special-purpose registries, RFC 6890 and its successors). */
const internal = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12], ["192.0.0.0", 24], ["192.0.2.0", 24],
  ["192.88.99.0", 24], ["192.168.0.0", 16], ["198.18.0.0", 15], ["198.51.100.0", 24], ["203.0.113.0", 24], ["224.0.0.0", 4], ["240.0.0.0", 4],
] as const) internal.addSubnet(network, bits, "ipv4");
/** What IPv6 gives out as public is one block; within it, ways back to IPv4 and into documentation are not. */
const publicV6 = new BlockList();
publicV6.addSubnet("2000::", 3, "ipv6");
const internalV6 = new BlockList();
for (const [network, bits] of [["2001::", 23], ["2001:db8::", 32], ["2002::", 16], ["3fff::", 20]] as const) internalV6.addSubnet(network, bits, "ipv6");

/** True for every address that is not somebody's public one; for what is no address, too. */
export function isInternalAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return internal.check(address, "ipv4");
    case 6:
      return !publicV6.check(address, "ipv6") || internalV6.check(address, "ipv6");
    default:
      return true;
  }
}

/** Where no server stands even inside a network: link-local, where clouds hand out their machines' credentials, and multicast. */
const never = new BlockList();
for (const [network, bits] of [["169.254.0.0", 16], ["224.0.0.0", 4], ["255.255.255.255", 32]] as const) never.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [["fe80::", 10], ["ff00::", 8], ["fd00:ec2::254", 128]] as const) never.addSubnet(network, bits, "ipv6");

function isNeverServer(address: string): boolean {
  // An IPv4 address within an IPv6 one is checked as what it is.
  return never.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

class Refused extends Error {
  readonly outbound: OutboundFailure;
  constructor(outbound: OutboundFailure) {
    super(outbound);
    this.outbound = outbound;
  }
}

type Refuses = (address: string) => boolean;

/** Resolves a name for the very connection that is about to be made: what was checked is what is connected to. */
const lookupThat = (refuses: Refuses): LookupFunction => (host, options, callback) => {
  resolve(host, { ...options, all: true }, (error, found) => {
    const addresses: LookupAddress[] = found ?? [];
    if (error) return callback(error, "", 0);
    // One such address among them is enough: nobody's public name has one.
    if (addresses.length === 0 || addresses.some(({ address }) => refuses(address))) return callback(new Refused("internal-address"), "", 0);
    const first = addresses[0];
    if (options.all) callback(null, addresses);
    else callback(null, first?.address ?? "", first?.family ?? 0);
  });
};

function codeOf(error: unknown): OutboundFailure {
  if (error instanceof Refused) return error.outbound;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "unknown-host";
  return /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/.test(code) ? "tls" : "unreachable";
}

/** What stands against an address before anything is asked of it. */
function objectionTo(url: URL, mayBeInside: boolean): OutboundFailure | null {
  if (url.protocol !== "https:" && !(url.protocol === "http:" && mayBeInside)) return "insecure";
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(literal) !== 0 && refusedFor(mayBeInside)(literal) ? "internal-address" : null;
}

const refusedFor = (mayBeInside: boolean): Refuses => (mayBeInside ? isNeverServer : isInternalAddress);

/**
 * One call to a server that somebody named: to public addresses only, unless allowed; no redirect is followed; the answer is
 * read up to a size and within a time, whatever the other side does. Never throws for what the other side does.
 */
export async function callOutside(call: OutboundCall): Promise<OutboundAnswer> {
  if (!URL.canParse(call.url)) return { ok: false, code: "unknown-host" };
  const url = new URL(call.url);
  const objection = objectionTo(url, call.mayBeInside);
  if (objection) return { ok: false, code: objection };
  const signal = AbortSignal.timeout(call.timeoutMs);
  try {
    return await exchange(url, call, signal);
  } catch (error) {
    return { ok: false, code: signal.aborted && !(error instanceof Refused) ? "timed-out" : codeOf(error) };
  }
}

function exchange(url: URL, call: OutboundCall, signal: AbortSignal): Promise<OutboundAnswer> {
  return new Promise((done, fail) => {
    const { request: open } = url.protocol === "https:" ? https : http;
    const bytes = call.body === undefined ? null : typeof call.body === "string" ? Buffer.from(call.body, "utf8") : Buffer.from(call.body);
    const request = open(url, {
      method: call.method,
      headers: { ...call.headers, ...(bytes ? { "content-length": bytes.length } : {}), connection: "close" },
      // No agent: a kept connection would be one that was not checked.
      agent: false,
      signal,
      lookup: lookupThat(refusedFor(call.mayBeInside)),
    });
    request.on("error", fail);
    request.on("response", (response) => {
      const answer = { ok: true, status: response.statusCode ?? 0, headers: response.headers } as const;
      const { mostBytes } = call;
      if (mostBytes === null) {
        done({ ...answer, body: "", bytes: Buffer.alloc(0) });
        return void request.destroy();
      }
      const read: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > mostBytes) request.destroy(new Refused("answer-too-large"));
        else read.push(chunk);
      });
      response.on("error", fail);
      response.on("aborted", () => fail(new Error("broken off")));
      response.on("end", () => {
        const whole = Buffer.concat(read);
        done({ ...answer, body: whole.toString("utf8"), bytes: whole });
      });
    });
    request.end(bytes ?? undefined);
  });
}
