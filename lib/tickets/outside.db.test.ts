import { createHmac, randomUUID } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { newId } from "@/lib/platform/ids";
import { freshTicketFacts, lookUpTicket } from "./checking";
import { queueComments, writeComment } from "./comments";
import { takeDelivery } from "./deliveries";
import { saveProvider } from "./providing";
import { saveProviderSchema } from "./schema";
import { closeLinks, endWithoutTicket, refreshDueTickets } from "./watching";

/** A local server that speaks as GitHub's documentation says. */
const remote = { state: "open", isDown: false, comments: [] as string[], reads: 0, meanwhile: async (): Promise<void> => undefined };
const secret = "a secret of the webhook";
let server: http.Server;
let world: World;
let providerId: string;

beforeAll(async () => {
  ({ world } = await setScene());
  server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const path = (request.url ?? "").split("?")[0] ?? "";
      const answer = (status: number, json: unknown) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
      if (remote.isDown) return answer(503, {});
      if (request.headers.authorization !== "Bearer good") return answer(401, {});
      if (path === "/user") return answer(200, { login: "curfew" });
      if (path.endsWith("/events")) return answer(200, [{ event: "labeled", actor: { login: "carol", id: 3 }, label: { name: "approved" } }]);
      if (path.endsWith("/comments") && request.method === "POST") {
        remote.comments.push((JSON.parse(body) as { body: string }).body);
        return answer(201, {});
      }
      if (path.endsWith("/comments")) return answer(200, remote.comments.map((text) => ({ body: text })));
      remote.reads += 1;
      const number = Number(path.split("/").at(-1));
      return void remote.meanwhile().then(() => number === 404 ? answer(404, {}) : answer(200, { number, title: "Deploy", state: remote.state, user: { login: "bob", id: 2 }, labels: ["approved"], comments: remote.comments.length }));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const saved = await save("good");
  if (!saved.ok) throw new TypeError(saved.code);
  ({ providerId } = saved.value);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function save(token: string, over: object = {}) {
  const form = saveProviderSchema.parse({
    kind: "github", name: "GitHub", baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, mayBeInside: "on", isEnabled: "on", token, webhookSecret: secret,
    approvedStates: "approved", needsApproval: "on", mustName: "nothing", ...over,
  });
  return saveProvider({ actor: world.people.ada, form });
}

const old = () => db.ticket.updateMany({ data: { fetchedAt: new Date(Date.now() - 3_600_000) } });

describe("a ticket system", () => {
  it("is saved only after it answered, with its secrets sealed, and never sends a sealed token elsewhere", async () => {
    expect(await save("wrong", { name: "Other" })).toMatchObject({ ok: false, code: "server-refused" });
    expect(await save("", { providerId, baseUrl: "http://127.0.0.1:9" })).toMatchObject({ ok: false, code: "token-needed" });
    expect((await save("", { providerId })).ok).toBe(true);
    const row = await db.ticketProvider.findUniqueOrThrow({ where: { id: providerId } });
    expect(Buffer.from(row.sealedSecrets ?? []).includes("good")).toBe(false);
  });

  it("that is down lets a request wait: no vote for it, no activation, a deny goes through", async () => {
    const requestId = await world.asked({ ticketKey: "acme/ops#7" });
    await old();
    remote.isDown = true;
    const waiting = await world.ask({ ticketKey: "acme/ops#8" });
    expect(waiting).toMatchObject({ ok: true, value: { state: "pending" } });
    expect(await world.ask({ sensitivity: "low", ticketKey: "acme/ops#9" })).toMatchObject({ ok: false, code: "ticket-provider-down" });
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: false, code: "ticket-provider-down" });
    expect((await db.ticketProvider.findUniqueOrThrow({ where: { id: providerId } })).downSince).not.toBeNull();
    const told = () => db.inboxItem.findMany({ where: { notice: { kind: "ticket-down", link: `/tickets/providers/${providerId}` } }, orderBy: { createdAt: "desc" } });
    expect(await told()).toMatchObject([{ personId: world.people.ada.personId, settledAt: null }]);
    expect(await world.vote(waiting.ok ? waiting.value.requestId : "", world.people.bea, { answer: "deny" })).toMatchObject({ ok: true });
    remote.isDown = false;
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: true, value: { state: "approved" } });
    expect((await db.ticketProvider.findUniqueOrThrow({ where: { id: providerId } })).downSince).toBeNull();
    expect(await told()).toMatchObject([{ settledAt: expect.any(Date) }]);
  });

  it("is asked about a ticket for the first time while what nobody has an answer about is tidied away", async () => {
    // The first was asked about before, when it was not there yet.
    await db.ticket.create({ data: { id: newId(), providerId, key: "acme/ops#23", fetchedAt: new Date(Date.now() - 7_200_000) } });
    remote.meanwhile = closeLinks;
    for (const key of ["acme/ops#23", "acme/ops#21"]) {
      expect(await lookUpTicket(key)).not.toBeNull();
      expect(await db.ticket.count({ where: { key } })).toBe(1);
    }
    remote.meanwhile = () => Promise.resolve();
    remote.isDown = true;
    const id = (await lookUpTicket("acme/ops#22")) ?? "";
    remote.isDown = false;
    await closeLinks();
    expect(await db.ticket.findUnique({ where: { id } })).toMatchObject({ fetchedAt: null, failures: 1 });
  });

  it("refuses an ask for a ticket that it does not know", async () => {
    expect(await world.ask({ ticketKey: "acme/ops#404" })).toMatchObject({ ok: false, code: "ticket-not-good", detail: { reasons: "unknown-ticket" } });
  });

  it("ends a session when its ticket closes, not when it is down, and gets each comment once", async () => {
    const live = await world.live({ sensitivity: "medium", ticketKey: "acme/ops#10" });
    remote.isDown = true;
    await db.ticket.updateMany({ where: { key: "acme/ops#10" }, data: { nextCheckAt: new Date(0) } });
    await refreshDueTickets();
    expect(await endWithoutTicket()).toBe(0);
    remote.isDown = false;
    await queueComments();
    const comments = await db.ticketComment.findMany({ where: { requestId: live.requestId } });
    const before = remote.comments.length;
    for (const { id } of comments) await writeComment(id);
    // A lost answer: it was written, and nobody here knows.
    await db.ticketComment.updateMany({ where: { requestId: live.requestId }, data: { state: "pending" } });
    for (const { id } of comments) await writeComment(id);
    expect(remote.comments.length - before).toBe(2);
    remote.state = "closed";
    await db.ticket.updateMany({ where: { key: "acme/ops#10" }, data: { nextCheckAt: new Date(0) } });
    await refreshDueTickets();
    expect(await endWithoutTicket()).toBe(1);
    expect(await db.grant.findUniqueOrThrow({ where: { id: live.grantId } })).toMatchObject({ state: "ending", endReason: "ticket-closed" });
    remote.state = "open";
  });
});

describe("a delivery of a webhook", () => {
  const deliver = (body: string, over: Record<string, string> = {}) =>
    takeDelivery({
      providerId,
      headers: new Headers({ "x-github-delivery": randomUUID(), "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`, ...over }),
      body: Buffer.from(body),
    });
  let told = 0;
  const about = (number: number) => JSON.stringify({ action: "closed", issue: { number, state: "closed", updated_at: ++told }, repository: { full_name: "acme/ops" } });

  it("makes its ticket due and is never believed: a session ends only when the system itself says so", async () => {
    const live = await world.live({ sensitivity: "medium", ticketKey: "acme/ops#20" });
    await freshTicketFacts(live.requestId);
    expect(await deliver(about(20))).toBe("taken");
    expect(await endWithoutTicket()).toBe(0);
    await refreshDueTickets();
    expect(await endWithoutTicket()).toBe(0);
    expect((await db.grant.findUniqueOrThrow({ where: { id: live.grantId } })).state).toBe("active");
  });

  it("is taken once, whatever the order and whatever it calls itself: no header is signed", async () => {
    const [older, newer] = [about(20), about(20)];
    expect([await deliver(newer), await deliver(older), await deliver(newer), await deliver(older)]).toEqual(["taken", "taken", "again", "again"]);
  });

  it("forged, of nobody or about what nobody lives on changes nothing", async () => {
    expect(await deliver(about(20), { "x-hub-signature-256": `sha256=${"0".repeat(64)}` })).toBe("forged");
    expect(await takeDelivery({ providerId: randomUUID(), headers: new Headers(), body: Buffer.from("{}") })).toBe("unknown-provider");
    const reads = remote.reads;
    expect(await deliver(about(999))).toBe("taken");
    expect(await db.ticket.count({ where: { key: "acme/ops#999" } })).toBe(0);
    expect(remote.reads).toBe(reads);
  });
});
