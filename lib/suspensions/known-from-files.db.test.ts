import { beforeEach, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { Organisation } from "@/lib/reviews/test-organisation";
import { readPanel, readSuspendFacts } from "./data";
import { suspendByHand } from "./mutations";
import type { SuspendForm } from "./schema";

let org: Organisation;
beforeEach(async () => {
  org = await Organisation.found();
});

it("says of what is known from files only that Curfew cannot suspend it, and where to go instead of failing", async () => {
  const identityId = await org.identity("one");
  const facts = await readSuspendFacts(db, identityId, false);
  expect(facts?.credentials).toMatchObject([{ fromFiles: true, connectorCan: false, needs: null }]);
  const panel = await readPanel(identityId);
  const why = { code: "known-from-files", detail: { system: `files ${org.tag}`, handle: facts?.credentials[0]?.handle } };
  expect(panel).toMatchObject({ whyNotSuspend: why, whyNotRemove: why, suspensions: [] });
});

it.each(["rehearsal", "suspension", "offboarding"] as const)("refuses a %s of it in words, and changes nothing", async (kind) => {
  const identityId = await org.identity("one");
  const form: SuspendForm = { identityId, kind, hours: 1, undoAtFirstRefusal: "no", openConnections: "leave", reason: "Nobody needs it" };
  expect(await suspendByHand({ actor: org.owner, form })).toMatchObject({ ok: false, code: "known-from-files" });
  expect(await db.suspension.count({ where: { identityId } })).toBe(0);
  expect((await db.identity.findUniqueOrThrow({ where: { id: identityId } })).state).toBe("active");
});

it("says of what only bears the state that Curfew took nothing from it", async () => {
  const identityId = await org.identity("one");
  await db.identity.update({ where: { id: identityId }, data: { state: "suspended" } });
  expect(await readPanel(identityId)).toMatchObject({ whyNotSuspend: { code: "already-suspended" }, suspensions: [] });
});
