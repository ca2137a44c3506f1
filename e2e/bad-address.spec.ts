import { expect, test } from "./fixtures/test";

const values = ["", "-1", "99999999999999999999", "NaN", "%00", "' or 1=1 --", "<script>alert(1)</script>", "%F0%9F", "../../etc/passwd", "x".repeat(3_000)];
const lists = [
  ["administrator", "/identities", ["q", "kind", "environment", "state", "sort", "after", "before"]],
  ["auditor", "/evidence", ["q", "state", "from", "to", "sort", "after", "before", "period"]],
  ["administrator", "/requests", ["state", "sort", "after", "before", "scope"]],
  ["approver", "/approvals", ["request", "after"]],
  ["auditor", "/sessions", ["state", "after"]],
  ["requester", "/requests/new", ["identity", "entitlement"]],
] as const;

test.describe("an address that makes no sense shows the page, never an error", () => {
  for (const [persona, path, parameters] of lists) {
    test(`${path} as ${persona}`, async ({ as, complaints }) => {
      const page = await as(persona);
      for (const parameter of parameters) {
        for (const value of values) {
          const answer = await page.request.get(`${path}?${parameter}=${value.includes("%") ? value : encodeURIComponent(value)}`);
          expect(answer.status(), `${path}?${parameter}=${value.slice(0, 40)}`).toBeLessThan(500);
          const html = await answer.text();
          expect(html).not.toContain("<script>alert(1)</script>");
          expect(html).not.toMatch(/PrismaClient|invalid input syntax|node_modules/);
        }
      }
      expect(complaints).toEqual([]);
    });
  }

  for (const path of ["/requests/1", "/requests/%00", "/identities/x", "/systems/x", "/evidence/x", "/requests/01900000-0000-7000-8000-000000000000", "/identities/01900000-0000-7000-8000-000000000000", "/evidence/01900000-0000-7000-8000-000000000000", "/systems/01900000-0000-7000-8000-000000000000"]) {
    test(`${path} is not there`, async ({ as }) => {
      const page = await as("administrator");
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toContainText("There is nothing at this address");
    });
  }
});
