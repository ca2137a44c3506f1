import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { makePerson } from "@/lib/requests/test-world";
import { readWebhooks } from "./data";
import { giveUpOld, readDueWebhooks } from "./delivery";
import { closeMail } from "./mail";
import { savePreferences } from "./mutations";
import { mailNext, postDue } from "./outbox";
import { mostAttempts } from "./rules";
import { notify } from "./telling";
import type { NewNotice } from "./types";
import { makeWebhook, removeWebhook, resendDelivery, resumeWebhook } from "./webhooks";

type Got = { readonly headers: IncomingMessage["headers"]; readonly body: string };
type Answer = { status: number; headers?: Record<string, string> };

let ada: PersonActor;
let bo: PersonActor;
const mails: Email[] = [];
let mailAnswer: { code: number; text: string } | null = null;
let smtp: SMTPServer;
let receiver: Server;
let got: Got[] = [];
let answers: Answer[] = [];

beforeAll(async () => {
  ada = await makePerson("Ada", ["administrator"], ["Platform"]);
  bo = await makePerson("Bo <b>", ["administrator"]);
  for (const { personId } of [ada, bo]) await db.person.update({ where: { id: personId }, data: { email: `${personId}@example.com` } });
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      const read: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => read.push(chunk));
      stream.on("end", () => {
        if (mailAnswer) return done(Object.assign(new Error(mailAnswer.text), { responseCode: mailAnswer.code }));
        PostalMime.parse(Buffer.concat(read)).then((mail) => {
          mails.push(mail);
          done();
        }, done);
      });
    },
  });
  await new Promise<void>((done) => smtp.listen(0, "127.0.0.1", done));
  const { port } = smtp.server.address() as AddressInfo;
  vi.spyOn(env, "mail", "get").mockReturnValue({ url: `smtp://127.0.0.1:${port}`, from: "curfew@example.com" });
  receiver = createServer((request, response) => {
    const read: Buffer[] = [];
    request.on("data", (chunk: Buffer) => read.push(chunk));
    request.on("end", () => {
      got.push({ headers: request.headers, body: Buffer.concat(read).toString("utf8") });
      const { status, headers } = answers.shift() ?? { status: 200 };
      response.writeHead(status, headers).end("ok");
    });
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
});

afterAll(async () => {
  closeMail();
  await new Promise<void>((done) => smtp.close(done));
  receiver.closeAllConnections();
  await new Promise((done) => receiver.close(done));
});

beforeEach(async () => {
  mails.length = 0;
  got = [];
  answers = [];
  mailAnswer = null;
  await db.delivery.deleteMany();
  await db.webhook.updateMany({ data: { removedAt: new Date() } });
  await db.notificationPreference.deleteMany();
});

const address = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks/T0/secret-part?x=1`;
const words = { who: "Rita & <!channel>", what: "Make Mika an auditor", until: "2026-11-22T10:32:00.000Z" };
const tell = (over: Partial<NewNotice> = {}) =>
  inTransaction((tx, now) => notify(tx, now, { kind: "proposal-waiting", people: [ada.personId], subjects: { proposal: newId() }, link: "/people", words, ...over }));
async function hook(over: Partial<Parameters<typeof makeWebhook>[0]["webhook"]> = {}) {
  const made = await makeWebhook({ actor: ada, webhook: { name: "ops", format: "standard", url: address(), groups: ["decisions"], teamId: null, mayBeInside: true, ...over } });
  if (!made.ok) throw new TypeError(made.code);
  return made.value;
}
const dueNow = () => db.delivery.updateMany({ where: { state: "waiting" }, data: { dueAt: new Date(Date.now() - 1_000) } });
const wake = (id: string) => db.webhook.update({ where: { id }, data: { pausedUntil: null } });
const posts = () => db.delivery.findMany({ where: { webhookId: { not: null } }, orderBy: { id: "asc" } });
async function mailAll() {
  while (await mailNext());
}

describe("mail", () => {
  it("is handed to a real mail server: text, simple HTML, names escaped, a link, and no way to answer by itself", async () => {
    await tell();
    await mailAll();
    expect(mails).toHaveLength(1);
    const [mail] = mails;
    expect(mail).toMatchObject({ subject: "Rita & <!channel> proposes: Make Mika an auditor", from: { address: "curfew@example.com", name: "Curfew" }, to: [{ address: `${ada.personId}@example.com` }] });
    expect(mail?.text).toContain(`Open and decide: ${env.url}/people`);
    expect(mail?.text).toContain("2026-11-22 10:32:00 UTC");
    expect(mail?.html).toContain("Rita &#38; &#60;!channel&#62; proposes");
    expect(mail?.headers.find(({ key }) => key === "auto-submitted")?.value).toBe("auto-generated");
    expect(await db.delivery.findMany()).toMatchObject([{ state: "sent", attempts: 1, failure: null }]);
  });

  it("is tried again when the server puts it off, and given up when it refuses", async () => {
    await tell();
    mailAnswer = { code: 451, text: "later" };
    await mailAll();
    expect(await db.delivery.findMany()).toMatchObject([{ state: "waiting", attempts: 1, failure: "mail-put-off", status: 451 }]);
    mailAnswer = { code: 550, text: "no such user" };
    await dueNow();
    await mailAll();
    expect(await db.delivery.findMany()).toMatchObject([{ state: "dead", attempts: 2, failure: "mail-refused", status: 550 }]);
    mailAnswer = null;
    const [dead] = await db.delivery.findMany();
    expect(await resendDelivery({ actor: bo, deliveryId: dead?.id ?? "" })).toMatchObject({ ok: true });
    await mailAll();
    expect(mails).toHaveLength(1);
  });

  it("of a day is one mail with everything in it", async () => {
    await savePreferences({ actor: ada, wishes: { decisions: "daily", own: "daily", trouble: "daily", dailyHour: 8, isQuiet: false, quietFrom: 0, quietUntil: 0, timeZone: "Europe/Zurich" } });
    for (const what of ["one", "two", "three"]) await tell({ words: { ...words, what } });
    await mailAll();
    expect(mails).toEqual([]);
    await dueNow();
    await mailAll();
    expect(mails).toHaveLength(1);
    expect(mails[0]?.subject).toBe("3 notices since your last daily mail");
    for (const what of ["one", "two", "three"]) expect(mails[0]?.text).toContain(`proposes: ${what}`);
    expect(mails[0]?.text).toContain("Europe/Zurich");
    expect(new Set((await db.delivery.findMany()).map(({ state }) => state))).toEqual(new Set(["sent"]));
  });

  it("to whoever has left meanwhile, or holds no role any more, is dropped", async () => {
    const gone = await makePerson("Gil", ["administrator"]);
    await db.person.update({ where: { id: gone.personId }, data: { email: "gil@example.com" } });
    await tell({ people: [gone.personId] });
    await db.personRole.deleteMany({ where: { personId: gone.personId } });
    await mailAll();
    expect(mails).toEqual([]);
    expect(await db.delivery.findMany()).toMatchObject([{ state: "void" }]);
  });

  it("is sent once, however many workers look for it", async () => {
    for (let n = 0; n < 5; n++) await tell({ words: { ...words, what: `n${n}` } });
    await Promise.all([mailAll(), mailAll(), mailAll()]);
    expect(mails.map(({ subject }) => subject).sort()).toHaveLength(5);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(5);
  });
});

describe("a webhook", () => {
  it("gets a signed message that a library of somebody else verifies, and the same id when it is tried again", async () => {
    const { webhookId, secret } = await hook();
    answers = [{ status: 500 }];
    await tell();
    expect(await readDueWebhooks()).toEqual([webhookId]);
    await postDue(webhookId);
    expect(await posts()).toMatchObject([{ state: "waiting", attempts: 1, failure: "answered-no", status: 500 }]);
    expect(await readDueWebhooks()).toEqual([]);
    await dueNow();
    await postDue(webhookId);
    expect(await posts()).toMatchObject([{ state: "sent", attempts: 2, status: 200 }]);
    const verifier = new Webhook(secret ?? "");
    for (const { body, headers } of got) {
      const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      expect(verifier.verify(body, plain)).toMatchObject({ type: "notice.proposal-waiting", data: { url: `${env.url}/people`, told: ["Ada"] } });
      expect(() => verifier.verify(`${body} `, plain)).toThrow();
      expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString("base64")}`).verify(body, plain)).toThrow();
    }
    expect(new Set(got.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(got).toHaveLength(2);
  });

  it("for chat gets names as text and links to the page, and nothing that could decide", async () => {
    const { webhookId, secret } = await hook({ format: "slack" });
    expect(secret).toBeNull();
    await tell();
    await postDue(webhookId);
    const body = JSON.parse(got[0]?.body ?? "{}") as { text: string; blocks: { type: string; text: { text: string } }[] };
    expect(body.text).toBe("Rita &amp; &lt;!channel&gt; proposes: Make Mika an auditor");
    expect(body.blocks.map(({ type }) => type)).toEqual(["section"]);
    expect(body.blocks[0]?.text.text).toContain(`<${env.url}/people|Open and decide>`);
    expect(got[0]?.body).not.toMatch(/<!channel>|"type":"button"|"actions"/);
  });

  it("is told only of its groups, and only of what its team is told", async () => {
    const own = await hook({ name: "own", groups: ["own"] });
    const team = await db.team.findUniqueOrThrow({ where: { name: "Platform" } });
    const platform = await hook({ name: "platform", teamId: team.id });
    await tell({ people: [bo.personId] });
    expect(await posts()).toEqual([]);
    await tell();
    expect((await posts()).map(({ webhookId }) => webhookId)).toEqual([platform.webhookId]);
    expect(own.webhookId).not.toBe(platform.webhookId);
  });

  it("keeps its address and secret sealed, and forgets them once it is removed", async () => {
    const { webhookId, secret } = await hook();
    const stored = await db.webhook.findUniqueOrThrow({ where: { id: webhookId } });
    const everything = JSON.stringify(stored) + Buffer.from(stored.sealed).toString("latin1") + JSON.stringify(await readWebhooks());
    expect(everything).not.toContain("secret-part");
    expect(everything).not.toContain(secret);
    await tell();
    await removeWebhook({ actor: ada, webhookId });
    expect((await db.webhook.findUniqueOrThrow({ where: { id: webhookId } })).sealed).toHaveLength(0);
    expect(await posts()).toMatchObject([{ state: "void" }]);
    expect(await postDue(webhookId)).toBe(0);
    expect(got).toEqual([]);
  });

  it("that fails to the end is listed as not delivered, is left alone meanwhile, and gets it when somebody sends it again", async () => {
    const { webhookId } = await hook();
    await tell();
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      answers = [{ status: 503, headers: { "retry-after": "0" } }];
      await dueNow();
      if (attempt > 5) expect(await postDue(webhookId)).toBe(0);
      await wake(webhookId);
      expect(await postDue(webhookId)).toBe(1);
    }
    expect(await posts()).toMatchObject([{ state: "dead", attempts: mostAttempts, failure: "put-off", status: 503 }]);
    expect((await readWebhooks())[0]).toMatchObject({ failures: mostAttempts, lastFailure: "put-off" });
    const [dead] = await posts();
    expect(await resendDelivery({ actor: ada, deliveryId: dead?.id ?? "" })).toEqual({ ok: true, value: { state: "waiting" } });
    expect(await resendDelivery({ actor: ada, deliveryId: dead?.id ?? "" })).toEqual({ ok: true, value: { state: "waiting" } });
    await resumeWebhook({ actor: ada, webhookId });
    expect(await postDue(webhookId)).toBe(1);
    expect(await posts()).toMatchObject([{ state: "sent", attempts: 1 }]);
    expect((await readWebhooks())[0]).toMatchObject({ failures: 0, pausedUntil: null, lastFailure: null });
    expect(await resendDelivery({ actor: ada, deliveryId: dead?.id ?? "" })).toMatchObject({ ok: false, code: "not-given-up" });
  });

  it("that was away shows with one message that it is back, before it gets the others", async () => {
    const { webhookId } = await hook();
    for (let n = 0; n < 8; n++) await tell({ words: { ...words, what: `n${n}` } });
    answers = Array.from({ length: 5 }, () => ({ status: 500 }));
    expect(await postDue(webhookId)).toBe(5);
    await dueNow();
    expect(await postDue(webhookId)).toBe(0);
    await wake(webhookId);
    expect(await postDue(webhookId)).toBe(1);
    expect(await postDue(webhookId)).toBe(5);
  });

  it("that answers that it is gone gets nothing more until somebody lets it be tried again", async () => {
    const { webhookId } = await hook();
    await tell();
    await tell();
    answers = [{ status: 410 }, { status: 410 }];
    await postDue(webhookId);
    expect((await posts()).map(({ state }) => state)).toEqual(["dead", "dead"]);
    expect((await readWebhooks())[0]?.stoppedAt).not.toBeNull();
    await tell();
    expect(await posts()).toHaveLength(2);
  });

  it("is never led elsewhere by a redirect, and never reaches an inside address that nobody allowed", async () => {
    const redirected = await hook();
    answers = [{ status: 307, headers: { location: address() } }];
    await tell();
    await postDue(redirected.webhookId);
    expect(await posts()).toMatchObject([{ state: "waiting", failure: "redirect", status: 307 }]);
    expect(got).toHaveLength(1);
    await removeWebhook({ actor: ada, webhookId: redirected.webhookId });
    for (const url of [`https://localhost:${new URL(address()).port}/`, "https://169.254.169.254/latest/meta-data/"]) {
      const { webhookId } = await hook({ url, mayBeInside: false });
      await tell();
      await postDue(webhookId);
      expect(await db.delivery.findMany({ where: { webhookId } })).toMatchObject([{ state: "dead", attempts: 1, failure: "internal-address" }]);
      await removeWebhook({ actor: ada, webhookId });
    }
    expect(got).toHaveLength(1);
  });

  it("whose message nobody answered for is tried again by the next worker", async () => {
    const { webhookId } = await hook();
    await tell();
    await db.delivery.updateMany({ data: { state: "sending", attempts: 1, dueAt: new Date(Date.now() - 1_000) } });
    expect(await postDue(webhookId)).toBe(1);
    expect(await posts()).toMatchObject([{ state: "sent", attempts: 2 }]);
  });

  it("is not sent what is news no more", async () => {
    await hook();
    await tell();
    await db.delivery.updateMany({ where: { webhookId: { not: null } }, data: { createdAt: new Date(Date.now() - 73 * 3_600_000) } });
    expect(await giveUpOld()).toBe(1);
    expect(await posts()).toMatchObject([{ state: "dead", failure: "too-old" }]);
  });
});
