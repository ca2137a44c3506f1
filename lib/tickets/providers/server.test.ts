import http, { type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { providerRulesSchema } from "../schema";
import { github } from "./github";
import { jiraCloud, jiraDataCenter } from "./jira";
import { openServer } from "./server";
import { servicenow } from "./servicenow";
import type { TicketProvider } from "./contract";

/** Local servers that speak as the documentation of each product says; none of them is the product. */
const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = http.createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function open(provider: TicketProvider, baseUrl: string, { mayBeInside = true, rules = {} }: { mayBeInside?: boolean; rules?: object } = {}) {
  return openServer(provider, { baseUrl, mayBeInside, secrets: { account: "curfew@example.com", token: "a token", webhookSecret: "" }, rules: providerRulesSchema.parse(rules) });
}

/** Answers by method and path; what is not there is 404. */
function routes(table: Record<string, unknown>, seen: { path: string; authorization: string | undefined; body: string }[] = []): RequestListener {
  return (request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const path = `${request.method} ${(request.url ?? "").split("?")[0]}`;
      seen.push({ path, authorization: request.headers.authorization, body });
      const answer = table[path];
      response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(answer ?? { message: "Not Found" }));
    });
  };
}

const issue = { key: "OPS-42", fields: { summary: "Deploy", status: { name: "Doing", statusCategory: { key: "indeterminate" } } } };

describe("a ticket system", () => {
  it("of Jira Cloud is read with its approvals and written back as a document", async () => {
    const seen: { path: string; authorization: string | undefined; body: string }[] = [];
    const url = await serve(routes({
      "GET /rest/api/3/issue/OPS-42": issue,
      "GET /rest/servicedeskapi/request/OPS-42/approval": { values: [{ finalDecision: "approved", approvers: [{ approver: { accountId: "c", displayName: "Carol" }, approverDecision: "approved" }] }] },
      "GET /rest/api/3/issue/OPS-42/comment": { comments: [{ body: { type: "doc", content: [{ content: [{ text: "said (curfew:1)" }] }] } }] },
      "POST /rest/api/3/issue/OPS-42/comment": { id: "1" },
    }, seen));
    const api = open(jiraCloud, url);
    expect(await jiraCloud.read(api, "OPS-42")).toMatchObject({ isOpen: true, approved: "yes" });
    expect(api.answers.map(({ path }) => path.split("?")[0])).toEqual(["/rest/api/3/issue/OPS-42", "/rest/servicedeskapi/request/OPS-42/approval"]);
    expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from("curfew@example.com:a token").toString("base64")}`);
    expect([await jiraCloud.hasComment(api, "OPS-42", "curfew:1"), await jiraCloud.hasComment(api, "OPS-42", "curfew:2")]).toEqual([true, false]);
    await jiraCloud.comment(api, "OPS-42", "approved");
    expect(JSON.parse(seen.at(-1)?.body ?? "")).toMatchObject({ body: { type: "doc", content: [{ content: [{ text: "approved" }] }] } });
  });

  it("of Jira Data Center gets a bearer token and plain comments; without a service desk nobody approved", async () => {
    const seen: { path: string; authorization: string | undefined; body: string }[] = [];
    const url = await serve(routes({ "GET /rest/api/2/issue/OPS-42": issue, "POST /rest/api/2/issue/OPS-42/comment": {} }, seen));
    expect(await jiraDataCenter.read(open(jiraDataCenter, url), "OPS-42")).toMatchObject({ approved: "unknown" });
    await jiraDataCenter.comment(open(jiraDataCenter, url), "OPS-42", "approved");
    expect(seen.at(-1)).toMatchObject({ authorization: "Bearer a token", body: JSON.stringify({ body: "approved" }) });
  });

  it("of ServiceNow is asked for the change and for who approved it", async () => {
    const change = { sys_id: "0".repeat(32), number: "CHG0030001", state: "-1", approval: "approved", active: "true" };
    const url = await serve(routes({ "GET /api/now/table/change_request": { result: [change] }, "GET /api/now/table/sysapproval_approver": { result: [{ approver: "a", state: "approved" }] } }));
    expect(await servicenow.read(open(servicenow, url), "CHG0030001")).toMatchObject({ isOpen: true, approved: "yes" });
  });

  it("of GitHub is asked for the issue and its events", async () => {
    const url = await serve(routes({
      "GET /repos/acme/ops/issues/42": { number: 42, state: "open", user: { login: "bob", id: 2 }, labels: [{ name: "approved" }] },
      "GET /repos/acme/ops/issues/42/events": [{ event: "labeled", actor: { login: "carol", id: 3 }, label: { name: "approved" } }],
    }));
    expect(await github.read(open(github, url, { rules: { approvedStates: ["approved"] } }), "acme/ops#42")).toMatchObject({ isOpen: true, approved: "yes" });
  });

  const answering = (status: number, headers: Record<string, string> = {}) => serve((_request, response) => response.writeHead(status, headers).end("{}"));
  it.each<[number, Record<string, string>, object]>([
    [401, {}, { kind: "refused" }],
    [403, {}, { kind: "refused" }],
    [403, { "retry-after": "60" }, { kind: "down", retryAfterSeconds: 60 }],
    [404, {}, { kind: "not-found" }],
    [410, {}, { kind: "not-found" }],
    [429, { "retry-after": "30" }, { kind: "down", retryAfterSeconds: 30 }],
    [429, { "retry-after": "99999999" }, { kind: "down", retryAfterSeconds: 3_600 }],
    [500, {}, { kind: "down" }],
    [503, {}, { kind: "down" }],
    [302, { location: "http://169.254.169.254/latest/meta-data/" }, { kind: "refused" }],
  ])("that answers %i with %o", async (status, headers, expected) => {
    await expect(open(github, await answering(status, headers)).get("/user")).rejects.toMatchObject(expected);
  });

  it("inside the network is not asked unless an administrator said so", async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.end("{}");
    });
    await expect(open(github, url, { mayBeInside: false }).get("/user")).rejects.toMatchObject({ kind: "refused" });
    expect(asked).toBe(0);
  });

  it("that sends more than 1 MiB, or what is no JSON, decides nothing", async () => {
    const endless = await serve((_request, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(65_536, 0x20);
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", write).on("error", () => undefined);
      write();
    });
    await expect(open(github, endless).get("/user")).rejects.toMatchObject({ kind: "down", message: "answer-too-large" });
    const html = await serve((_request, response) => response.end("<html>"));
    await expect(open(github, html).get("/user")).rejects.toMatchObject({ kind: "down" });
  });

  it("that is not there is down", async () => {
    await expect(open(github, "http://127.0.0.1:1").get("/user")).rejects.toMatchObject({ kind: "down" });
  });
});
