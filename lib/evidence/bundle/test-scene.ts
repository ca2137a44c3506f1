import { registerChange, approveChange, submitChange } from "@/lib/tickets/mutations";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { endGrant, recordAccepted, recordProven } from "@/lib/grants/ending";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import { beginEnrol, enrol } from "@/lib/passkeys/mutations";
import { testAuthenticator } from "@/lib/passkeys/test-authenticator";
import { openSignIn } from "@/lib/people/mutations";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { samplePolicies } from "@/lib/policies/sample";
import { beginApproval } from "@/lib/requests/confirming";
import { withdrawRequest } from "@/lib/requests/mutations";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, putInForce, type World } from "@/lib/requests/test-world";
import { ensureLocalRegister } from "@/lib/tickets/providing";

const origin = new URL(env.url).origin;
const withPasskeys = { ...samplePolicies, "high-two-stages": (samplePolicies["high-two-stages"] ?? "").replace('@idle("30m")', '@idle("30m")\n@step_up') };

async function proven(world: World): Promise<void> {
  const { grantId } = await world.live({ intent: "=HYPERLINK(\"http://evil.example\";\"click\"), then \"quoted\"\nsecond line, Größe €" });
  await endGrant({ actor: world.people.rita, grantId, reason: "completed", permitted: () => Promise.resolve(true) });
  const row = await world.grant(grantId);
  const handle = { name: row.handleName ?? "", targetId: row.handleTargetId ?? "" };
  await recordAccepted(grantId, { handle, acceptedAt: new Date(), sessionsCut: 1, leftovers: [], alreadyGone: false, statements: 31 });
  const look = new Date();
  const proof = { dead: true, method: "absent from pg_roles", strength: "absent-from-inventory", lookedAt: [look, look], seenBy: "probe", facts: ["role gone"] } as const;
  await recordProven(grantId, proof, []);
}

/** An approval with a passkey of its own. */
async function approvedByPasskey(world: World, actor: PersonActor): Promise<void> {
  const opened = await openSignIn(actor.personId);
  if (!opened.ok) throw new TypeError("not signed in");
  const { signInId } = opened.value;
  const begun = await beginEnrol({ actor, signInId });
  if (!begun.ok || begun.value.step !== "make") throw new TypeError("no first passkey");
  const key = testAuthenticator({ origin });
  await enrol({ actor, signInId, name: "Key", response: key.make(begun.value.options) });
  const requestId = await world.asked({ sensitivity: "high" });
  const { version, grantedDurationSeconds: durationSeconds } = await db.request.findUniqueOrThrow({ where: { id: requestId } });
  const asked = await beginApproval({ actor, signInId, requestId, version, durationSeconds, reason: "Agreed with the team" });
  if (!asked.ok) throw new TypeError(asked.code);
  const voted = await world.vote(requestId, actor, { confirmation: { signInId, response: key.confirm(asked.value.options) } });
  if (!voted.ok) throw new TypeError(voted.code);
}

async function withTicket(world: World): Promise<void> {
  await ensureLocalRegister({ kind: "system", process: "worker" }, { takesUnknown: true });
  const asked = { title: "Backfill the currency column", description: "Orders of spring get their currency", windowFrom: null, windowUntil: null, identityIds: [], systemIds: [world.systemId] };
  const made = await registerChange({ actor: world.people.rita, ...asked });
  if (!made.ok) throw new TypeError(made.code);
  await submitChange({ actor: world.people.rita, changeId: made.value.changeId });
  await approveChange({ actor: world.people.selma, changeId: made.value.changeId });
  await world.asked({ ticketKey: made.value.key });
}

/** A checkpoint that stands outside, as the next export will say. */
async function sentOutside(world: World): Promise<void> {
  const { size } = await checkpointNow();
  const now = new Date();
  await db.checkpointPlace.create({
    data: { id: newId(), kind: "file", name: "The auditor's disk", address: "/nowhere", createdAt: now, createdById: world.people.ada.personId, dueAt: now, sentSize: size, sentAt: now },
  });
}

/** A small world with chains of every kind, a passkey's answer, a ticket and a checkpoint outside; and who audits it. */
export async function setBundleScene(): Promise<{ readonly world: World; readonly auditor: PersonActor }> {
  const { world } = await setScene();
  await putInForce(withPasskeys);
  const auditor = await makePerson("Aurel", ["auditor"]);
  await proven(world);
  await world.live();
  await sentOutside(world);
  const denied = await world.asked({ sensitivity: "high" });
  await world.vote(denied, world.people.bea, { answer: "deny", reason: "-2+3 is not a reason" });
  await withdrawRequest({ actor: world.people.rita, requestId: await world.asked() });
  await approvedByPasskey(world, world.people.bea);
  await withTicket(world);
  await world.ask({ identityId: await world.unowned(), intent: "+1 for an identity that nobody answers for" });
  return { world, auditor };
}
