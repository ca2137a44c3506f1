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
  "overview:view": ["/"],
  "identity:view": ["/identities", `/identities/${someId}`],
  "request:create": ["/requests/new"],
  "request:view": ["/requests", `/requests/${someId}`],
  "request:decide": ["/approvals"],
  "session:view": ["/sessions"],
  "evidence:view": ["/evidence", `/evidence/${someId}`],
  "system:view": ["/systems", `/systems/${someId}`],
  "person:view": ["/people"],
};

/** Permissions that open no door of their own but more rows or columns behind one; each has its own test below. */
const widening: readonly Permission[] = ["identity:view-reach", "request:view-all", "session:view-all", "grant:end-any"];
/** Reserved for a later screen: nothing asks for them yet, so there is nothing to refuse. */
const unused: readonly Permission[] = ["entitlement:view", "system:connect"];

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
          expect(answer.body, `${persona} at ${path}`).toContain(panel);
          if (persona === "outsider") for (const secret of secrets) expect(answer.body, `${persona} at ${path}`).not.toContain(secret);
        }
      });

      test(`${path} leads whoever is signed out to the sign-in page`, async ({ origin, as }) => {
        const answer = await send(origin, { path });
        for (const secret of await namesOfThings()) expect(answer.body).not.toContain(secret);
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

/** Names of identities, systems and entitlements: what whoever may see nothing must not read anywhere. */
async function namesOfThings(): Promise<string[]> {
  return withDatabase(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `(select name from identities where length(name) > 6 limit 200) union (select name from entitlements where length(name) > 6) union (select name from systems where length(name) > 6)`,
    );
    return rows.map(({ name }) => name);
  });
}
