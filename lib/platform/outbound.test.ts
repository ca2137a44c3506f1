import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSocketServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { callOutside, isInternalAddress } from "./outbound";

const open: { close: (done: () => void) => unknown; closeAllConnections?: () => void }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    const closed = new Promise<void>((done) => void server.close(() => done()));
    server.closeAllConnections?.();
    await closed;
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  open.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const call = (url: string, over: Partial<Parameters<typeof callOutside>[0]> = {}) =>
  callOutside({ method: "POST", url, body: "{}", mayBeInside: true, timeoutMs: 5_000, mostBytes: 1_000, ...over });

describe("an internal address", () => {
  it.each([
    "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001:0:1::1", "no address", "",
  ])("%s", (address) => {
    expect(isInternalAddress(address)).toBe(true);
  });

  it.each(["1.1.1.1", "8.8.8.8", "172.32.0.1", "172.15.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])("%s is none", (address) => {
    expect(isInternalAddress(address)).toBe(false);
  });
});

describe("a call outside", () => {
  it.each([
    "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://localhost/",
    "https://169.254.169.254/latest/meta-data/",
  ])("is not made to %s", async (url) => {
    expect(await call(url, { mayBeInside: false })).toEqual({ ok: false, code: "internal-address" });
  });

  it.each([
    "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/", "http://0xa9fea9fe/", "http://224.0.0.1/",
  ])("is not made to %s, even where it may be inside", async (url) => {
    expect(await call(url)).toEqual({ ok: false, code: "internal-address" });
  });

  it("connects to nothing inside, even where something listens there", async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.end();
    });
    const { port } = new URL(url);
    expect(await call(`https://localhost:${port}/`, { mayBeInside: false })).toEqual({ ok: false, code: "internal-address" });
    expect(await call(`http://localhost:${port}/`, { mayBeInside: false })).toEqual({ ok: false, code: "insecure" });
    expect(asked).toBe(0);
    expect(await call(url)).toMatchObject({ ok: true, status: 200 });
    expect(asked).toBe(1);
  });

  it.each(["ftp://example.com/", "file:///etc/passwd", "not an address"])("is not made by %s", async (url) => {
    expect((await call(url)).ok).toBe(false);
  });

  it("follows no redirect", async () => {
    let followed = false;
    const inside = await serve((_request, response) => {
      followed = true;
      response.end();
    });
    const url = await serve((_request, response) => void response.writeHead(302, { location: inside }).end());
    expect(await call(url)).toMatchObject({ ok: true, status: 302 });
    expect(followed).toBe(false);
  });

  it("reads no more of an answer than it was told", async () => {
    const hundredMegabytes: RequestListener = (_request, response) => {
      const chunk = Buffer.alloc(1_000_000, 120);
      let sent = 0;
      const more = () => {
        while (sent < 100 && !response.destroyed) {
          sent += 1;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
        response.end();
      };
      response.on("error", () => undefined);
      more();
    };
    const url = await serve(hundredMegabytes);
    expect(await call(url)).toEqual({ ok: false, code: "answer-too-large" });
    expect(await call(url, { mostBytes: null })).toMatchObject({ ok: true, status: 200, body: "" });
  });

  it("ends in time, whether the head or the body trickles in, or nothing comes at all", async () => {
    const trickle = createSocketServer((socket) => {
      socket.on("error", () => undefined).resume();
      socket.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => socket.write("X-A: b\r\n"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    open.push(trickle);
    await new Promise<void>((done) => trickle.listen(0, "127.0.0.1", done));
    const silent = createSocketServer((socket) => void socket.on("error", () => undefined).resume());
    open.push(silent);
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const slowBody = await serve((_request, response) => {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    });
    const portOf = (server: typeof trickle) => (server.address() as AddressInfo).port;
    for (const url of [`http://127.0.0.1:${portOf(trickle)}/`, `http://127.0.0.1:${portOf(silent)}/`, slowBody]) {
      expect(await call(url, { timeoutMs: 300 })).toEqual({ ok: false, code: "timed-out" });
    }
    expect(await call(slowBody, { timeoutMs: 300, mostBytes: null })).toMatchObject({ ok: true, status: 200 });
  });

  it("says that nobody is there", async () => {
    expect(await call("http://127.0.0.1:9/")).toEqual({ ok: false, code: "unreachable" });
    expect(await call("https://nobody.invalid/", { mayBeInside: false })).toEqual({ ok: false, code: "unknown-host" });
  });
});
