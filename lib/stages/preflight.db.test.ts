import { expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { samplePolicies } from "@/lib/policies/sample";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, putInForce } from "@/lib/requests/test-world";
import { checkRoutes } from "./preflight";

it("what nobody could approve is found before somebody asks, says whom to appoint, and closes once it is mended", async () => {
  const { world } = await setScene();
  await world.identity();
  const findings = () => db.finding.findMany({ where: { kind: "approval-dead-end", closedAt: null }, orderBy: { openedAt: "asc" } });
  await checkRoutes();
  expect(await findings()).toEqual([]);
  const stages = '@reason("Test")\n@stages("team:Moonbase:1")\npermit (principal, action == Action::"use", resource) when { resource.sensitivity == Sensitivity::"medium" };';
  await putInForce({ ...samplePolicies, "medium-owner-ticket": stages });
  expect(await checkRoutes()).toBeGreaterThan(0);
  await checkRoutes();
  const [found, ...others] = await findings();
  expect(others).toEqual([]);
  expect(found).toMatchObject({ systemId: world.systemId, detail: { entitlementId: world.entitlement("medium") } });
  expect(found?.title).toMatch(/policy asks team:Moonbase.*can appoint, for example, /);
  // A team of that name appears, with one member who may decide.
  await makePerson("Buzz", ["approver"], ["Moonbase"]);
  await checkRoutes();
  expect(await findings()).toEqual([]);
});
