import type { PersonActor } from "@/lib/auth/actor";
import { fixedClock } from "@/lib/db/transaction";
import { endGrant, recordAccepted, recordProven } from "@/lib/grants/ending";
import { lapseGrant } from "@/lib/grants/mutations";
import { recordObservation } from "@/lib/grants/observation";
import { withdrawRequest } from "@/lib/requests/mutations";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, type World } from "@/lib/requests/test-world";

/** What somebody wrote to be run by a spreadsheet. */
export const hostileIntent = "=HYPERLINK(\"http://evil.example\";\"click\"), then \"quoted\"\nsecond line";

type Made = Readonly<Record<"proven" | "live" | "denied" | "withdrawn" | "lapsed" | "pending", string>>;

async function proven(world: World): Promise<string> {
  const { requestId, grantId } = await world.live({ intent: hostileIntent });
  const started = new Date();
  const session = { grantId, key: `1/${grantId}`, startedAt: started, lastActiveAt: started, clientAddress: null, applicationName: null, state: null };
  await recordObservation(grantId, { at: started, sessions: [session], statements: 31, source: "polling" });
  await endGrant({ actor: world.people.rita, grantId, reason: "completed", permitted: () => Promise.resolve(true) });
  const row = await world.grant(grantId);
  const handle = { name: row.handleName ?? "", targetId: row.handleTargetId ?? "" };
  await recordAccepted(grantId, { handle, acceptedAt: new Date(), sessionsCut: 1, leftovers: [], alreadyGone: false, statements: 31 });
  const look = new Date();
  const proof = { dead: true, method: "absent from pg_roles", strength: "absent-from-inventory", lookedAt: [look, look], seenBy: "probe", facts: ["role gone"] } as const;
  await recordProven(grantId, proof, [{ kind: "standing", name: "@legacy_etl", credentialId: null, grantId: null, path: ["legacy_etl"] }]);
  return requestId;
}

/** One chain of every end: proven, live, denied, withdrawn, lapsed, pending, and an ask that was refused. */
export async function sceneOfChains(): Promise<{ world: World; auditor: PersonActor; made: Made }> {
  const { world } = await setScene();
  const auditor = await makePerson("Aurel", ["auditor"]);
  const dead = await proven(world);
  const live = (await world.live()).requestId;
  const denied = await world.asked({ sensitivity: "high" });
  await world.vote(denied, world.people.bea, { answer: "deny", reason: "-2+3 is not a reason" });
  const withdrawn = await world.asked();
  await withdrawRequest({ actor: world.people.rita, requestId: withdrawn });
  const lapsed = await world.approved();
  const { id, activateBefore } = await world.grantOf(lapsed);
  await lapseGrant(id, fixedClock(activateBefore));
  const pending = await world.asked();
  const refused = await world.ask({ identityId: await world.unowned(), intent: "+1 for an identity that nobody answers for" });
  if (refused.ok) throw new RangeError("an ask for an unowned identity was expected to be refused");
  return { world, auditor, made: { proven: dead, live, denied, withdrawn, lapsed, pending } };
}
