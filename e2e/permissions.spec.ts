import { permissions, roles, type Permission, type Role } from "../lib/auth/permissions";
import { callAction, serverActions } from "./fixtures/actions";
import { withDatabase } from "./fixtures/database";
import { send } from "./fixtures/http";
import { apiRoutes } from "./fixtures/routes";
import { signIn, signInCookie, signInToken, type Persona } from "./fixtures/sign-in";
import { expect, test } from "./fixtures/test";

const someId = "01900000-0000-7000-8000-000000000000";

/** The pages behind each permission; routes and actions are found in the source by the permission that they ask for. */
const pages: Partial<Record<Permission, readonly string[]>> = {
  "ticket:view": ["/tickets"],
  "ticket:register": ["/tickets/new"],
  "ticket-provider:view": ["/tickets/providers"],
  "ticket-provider:manage": ["/tickets/providers/new"],
  "overview:view": ["/"],
  "identity:view": ["/identities", `/identities/${someId}`],
  "identity:register": ["/identities/new"],
  "request:create": ["/requests/new"],
  "template:change": ["/requests/templates"],
  "request:view": ["/requests", `/requests/${someId}`],
  "request:decide": ["/approvals"],
  "session:view": ["/sessions"],
  "evidence:view-bounded": ["/evidence", `/evidence/${someId}`, "/evidence/exports", "/evidence/questions", "/evidence/engagement"],
  "evidence:sample": ["/evidence/exports/sample"],
  "control:view": ["/evidence/controls", "/evidence/controls/owasp-nhi-nhi1-2025"],
  "auditor:manage": ["/settings/auditors"],
  "system:view": ["/systems", `/systems/${someId}`],
  "system:connect": ["/systems/new", `/systems/${someId}/connection`],
  "import:view": ["/systems/imports", `/systems/imports/${someId}`],
  "import:create": ["/systems/imports/new"],
  "source:view": ["/evidence/sources", `/evidence/sources/${someId}`],
  "source:manage": ["/evidence/sources/new"],
  "finding:view": ["/findings"],
  "break-glass:view": ["/break-glass", `/break-glass/${someId}`],
  "break-glass:use": ["/break-glass/new"],
  "review:view": ["/reviews", `/reviews/${someId}`, `/reviews/${someId}/items/${someId}`],
  "review:decide": ["/reviews/decide"],
  "review:run": ["/reviews/new"],
  "person:view": ["/people", "/people/teams"],
  "person:view-own": [`/people/${someId}`],
  "directory:manage": ["/people/directory"],
  "hand-over:view": ["/identities/hand-overs"],
  "inbox:view": ["/inbox", "/inbox/preferences"],
  "webhook:view": ["/settings/webhooks"],
  "checkpoint:view": ["/settings/checkpoints"],
  "retention:view": ["/settings/retention"],
};

/** Permissions that open no door of their own but more rows or columns behind one; each has its own test below. */
const widening: readonly Permission[] = ["identity:view-reach", "identity:edit-any", "request:view-all", "template:change-any", "session:view-all", "review:view-all", "break-glass:view-all", "grant:end-any", "proposal:view", "hand-over:view-all"];
/** Reserved for a later screen: nothing asks for them yet, so there is nothing to refuse. */
const unused: readonly Permission[] = ["entitlement:view"];

const all = Object.keys(permissions) as Permission[];
const routesOf = (permission: Permission) => apiRoutes().filter((route) => route.permission === permission);
const holds = (role: Role, permission: Permission) => (permissions[permission] as readonly Role[]).includes(role);
const cookies = new Map<Persona, string>();
const cookieOf = (persona: Persona) => cookies.get(persona) ?? "";

test.beforeAll(async ({ browser }, { project }) => {
  const origin = new URL(project.use.baseURL ?? "").origin;
  for (const persona of [...roles, "outsider"] as const) {
    const context = await browser.newContext();
    await signIn(context, origin, persona);
    cookies.set(persona, `${signInCookie(origin)}=${await signInToken(context, origin)}`);
    await context.close();
  }
});

/** Whom a permission is refused to: each role without it and whoever has none. */
const refusedPersonas = (permission: Permission): Persona[] => [...roles.filter((role) => !holds(role, permission)), "outsider"];

test("the demo's personas hold the role they are named after, and no other", async () => {
  const rows = await withDatabase(async (client) => {
    const { rows: found } = await client.query<{ subject: string; roles: string[] }>(
      "select p.subject, array_agg(r.role order by r.role) as roles from people p join person_roles r on r.person_id = p.id group by p.subject",
    );
    return new Map(found.map(({ subject, roles: held }) => [subject, held]));
  });
  for (const role of roles) expect(rows.get(role)).toEqual([role]);
  expect(rows.has("outsider")).toBe(false);
});

test("every permission has a door that is tried here", () => {
  const actions = serverActions();
  const doorless = all.filter((permission) => {
    const hasAction = actions.some((action) => action.permission === permission && action.endpoint !== null);
    return !pages[permission] && routesOf(permission).length === 0 && !hasAction && ![...widening, ...unused].includes(permission);
  });
  expect(doorless).toEqual([]);
});

for (const permission of all) {
  test.describe(permission, () => {
    for (const path of pages[permission] ?? []) {
      test(`${path} says who may see it to everybody else, and nothing more`, async ({ origin }) => {
        const secrets = await namesOfThings();
        for (const persona of refusedPersonas(permission)) {
          const answer = await send(origin, { path, headers: { cookie: cookieOf(persona) } });
          const panel = persona === "outsider" ? "You have no role in Curfew yet" : "not open to your role";
          expect(answer.body.includes(panel), `${persona} at ${path} reads "${panel}"`).toBe(true);
          if (persona !== "outsider") continue;
          expect(secrets.filter((secret) => answer.body.includes(secret)), `${persona} at ${path}`).toEqual([]);
        }
      });

      test(`${path} leads whoever is signed out to the sign-in page`, async ({ origin, as }) => {
        const answer = await send(origin, { path });
        expect((await namesOfThings()).filter((secret) => answer.body.includes(secret))).toEqual([]);
        const page = await as(null);
        await page.goto(path);
        await page.waitForURL((url) => url.pathname === "/sign-in", { timeout: 15_000 });
        expect(new URL(page.url()).searchParams.get("next") ?? "/").toBe(path);
      });
    }

    for (const route of routesOf(permission)) {
      for (const method of route.methods) {
        test(`${method} ${route.path} is refused to everybody else`, async ({ origin }) => {
          const request = { method, path: route.path, ...(method === "GET" ? {} : { body: "{}" }) };
          const headers = { origin, "content-type": "application/json" };
          for (const persona of refusedPersonas(permission)) {
            const answer = await send(origin, { ...request, headers: { ...headers, cookie: cookieOf(persona) } });
            expect(answer.status, persona).toBe(403);
            expect(JSON.parse(answer.body), persona).toMatchObject({ code: "no-permission" });
          }
          expect((await send(origin, { ...request, headers })).status, "signed out").toBe(401);
        });
      }
    }

    test("actions are refused to everybody else before they look at the input", async ({ origin }) => {
      for (const { name, endpoint } of serverActions().filter((action) => action.permission === permission)) {
        if (!endpoint) continue;
        for (const persona of refusedPersonas(permission)) {
          const answer = await callAction(origin, endpoint, { cookie: cookieOf(persona), fields: { personId: "no id", requestId: "no id" } });
          expect(answer.body, `${persona} calls ${name}`).toContain('"status":"refused","code":"no-permission"');
        }
        const signedOut = await callAction(origin, endpoint, { fields: {} });
        expect(signedOut.body, `somebody signed out calls ${name}`).toContain('"status":"signed-out"');
        const holder = permissions[permission][0];
        const foreign = await callAction(origin, endpoint, { cookie: cookieOf(holder), from: "https://evil.example" });
        expect(foreign.status, `a foreign page calls ${name}`).toBeGreaterThanOrEqual(400);
        const held = await callAction(origin, endpoint, { cookie: cookieOf(holder), fields: {} });
        expect(held.body, `${holder} may call ${name} and is told what is wrong`).toContain('"status":"invalid"');
      }
    });
  });
}

/** A request with which a persona has nothing to do: did not ask, is not on the asking side, is not asked. */
async function foreignRequest(persona: Persona): Promise<{ id: string; grantId: string | null; intent: string }> {
  return withDatabase(async (client) => {
    const { rows } = await client.query<{ id: string; grantId: string | null; intent: string }>(
      `select r.id, r.intent, (select g.id from grants g where g.request_id = r.id and g.state = 'proven' limit 1) as "grantId"
       from requests r join people p on p.subject = $1
       where r.requester_id is distinct from p.id and length(r.intent) > 12
         and not exists (select 1 from side_members s where s.request_id = r.id and s.person_id = p.id)
         and not exists (select 1 from stages t join stage_members m on m.stage_id = t.id where t.request_id = r.id and m.person_id = p.id)
         and not exists (select 1 from votes v where v.request_id = r.id and v.person_id = p.id)
       order by (select count(*) from grants g where g.request_id = r.id and g.state = 'proven') desc, r.id limit 1`,
      [persona],
    );
    const [row] = rows;
    expect(row, `the demo has a request that ${persona} has nothing to do with`).toBeDefined();
    return row ?? { id: "", grantId: null, intent: "" };
  });
}

test("request:view-all: without it, somebody else's request is not there, and its words are nowhere", async ({ origin }) => {
  for (const persona of ["requester", "approver", "owner"] as const) {
    const { id, intent } = await foreignRequest(persona);
    const answer = await send(origin, { path: `/requests/${id}`, headers: { cookie: cookieOf(persona) } });
    expect(answer.body, persona).toContain("There is nothing at this address");
    for (const path of [`/requests/${id}`, "/requests", "/requests?of=all", `/approvals?open=${id}`, "/"]) {
      const { body } = await send(origin, { path, headers: { cookie: cookieOf(persona) } });
      expect(body, `${persona} at ${path}`).not.toContain(intent);
    }
    for (const holder of permissions["request:view-all"]) {
      const { body } = await send(origin, { path: `/requests/${id}`, headers: { cookie: cookieOf(holder) } });
      expect(body, holder).toContain(intent);
    }
  }
});

test("hand-over:view-all: without it, nobody sees the hand-overs that do not ask them", async ({ origin }) => {
  for (const persona of roles) {
    const { body } = await send(origin, { path: "/identities/hand-overs", headers: { cookie: cookieOf(persona) } });
    expect(body.includes("Name an owner on the identity") || body.includes("An administrator can name an owner at any time"), persona).toBe(holds(persona, "hand-over:view-all"));
  }
});

test("proposal:view: without it, what waits for a second administrator is nowhere", async ({ origin }) => {
  for (const persona of refusedPersonas("proposal:view")) {
    const { body } = await send(origin, { path: "/people", headers: { cookie: cookieOf(persona) } });
    expect(body, persona).not.toContain("Whoever proposed it");
  }
});

test("session:view-all: without it, nobody sees sessions of requests that do not concern them", async ({ origin }) => {
  for (const persona of ["requester", "approver", "owner"] as const) {
    const { id } = await foreignRequest(persona);
    for (const path of ["/sessions", "/sessions?state=all", "/sessions?of=all", "/"]) {
      const { body } = await send(origin, { path, headers: { cookie: cookieOf(persona) } });
      expect(body, `${persona} at ${path}`).not.toContain(id);
    }
  }
});

test("grant:end-any: without it, nobody ends a session that is none of theirs", async ({ origin }) => {
  const endpoint = serverActions().find(({ name }) => name === "endGrantAction")?.endpoint;
  if (!endpoint) throw new TypeError("no page offers to end a session");
  for (const persona of ["requester", "approver", "owner"] as const) {
    const { grantId } = await foreignRequest(persona);
    const fields = { grantId: grantId ?? "" };
    const refused = await callAction(origin, endpoint, { cookie: cookieOf(persona), fields });
    expect(refused.body, persona).toContain('"status":"refused","code":"not-permitted"');
    const held = await callAction(origin, endpoint, { cookie: cookieOf("administrator"), fields });
    expect(held.body).not.toContain("not-permitted");
  }
});

test("identity:view-reach: without it, only those who answer for an identity see what it can reach", async ({ origin }) => {
  const closed = "What an identity can reach is open to those who answer for it";
  const { rows } = await withDatabase((client) =>
    client.query<{ id: string; mine: boolean }>(
      `select distinct on (mine) i.id, mine from identities i, people p,
       lateral (select p.id = any (array_remove(array[i.owner_id, i.sponsor_id, i.backup_id], null)) as mine) m
       where p.subject = 'owner' and mine is not null order by mine, i.name`,
    ),
  );
  const bodyOf = async (persona: Persona, id: string) => (await send(origin, { path: `/identities/${id}`, headers: { cookie: cookieOf(persona) } })).body;
  for (const { id, mine } of rows) {
    expect(await bodyOf("requester", id)).toContain(closed);
    if (mine) expect(await bodyOf("owner", id)).not.toContain(closed);
    else expect(await bodyOf("owner", id)).toContain(closed);
    for (const holder of permissions["identity:view-reach"]) expect(await bodyOf(holder, id), holder).not.toContain(closed);
  }
  expect(rows.map(({ mine }) => mine)).toEqual([false, true]);
});

/** Names of identities, systems and entitlements: what whoever may see nothing must not read anywhere. */
async function namesOfThings(): Promise<string[]> {
  return withDatabase(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `(select name from identities where length(name) > 6 limit 200) union (select name from entitlements where length(name) > 6) union (select name from systems where length(name) > 6)`,
    );
    return rows.map(({ name }) => name);
  });
}
