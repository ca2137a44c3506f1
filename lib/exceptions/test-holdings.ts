import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Sensitivity } from "@/lib/entitlements/types";
import { answerForIdentity, registerIdentity } from "@/lib/identities/mutations";
import { giveRole, registerPerson } from "@/lib/people/registration";
import { newId } from "@/lib/platform/ids";

const seed = { kind: "system", process: "seed" } as const;

/** Registers somebody with roles. */
export async function makePerson(name: string, ...roles: Role[]): Promise<PersonActor> {
  const personId = await registerPerson({ issuer: "https://login.example.com", subject: newId(), name, email: null }, { actor: seed });
  for (const role of roles) await giveRole(personId, role, { actor: seed });
  return { kind: "person", personId, name, roles };
}

/** A system that nobody looks at. */
export async function makeSystem(connector = "postgres@1"): Promise<string> {
  const id = newId();
  await db.system.create({ data: { id, name: `system ${id}`, connector, environment: "production", config: {}, createdAt: new Date() } });
  return id;
}

/** An entitlement as a source would have found it. */
export async function makeEntitlement(systemId: string, over: { sensitivity?: Sensitivity; requestable?: boolean } = {}): Promise<string> {
  const id = newId();
  const { sensitivity = "high", requestable = false } = over;
  await db.entitlement.create({ data: { id, systemId, name: `entitlement ${id}`, description: "What it is for", target: {}, actions: [], sensitivity, purposes: [], createdAt: new Date(), requestable } });
  return id;
}

/** An identity that somebody owns and sponsors. */
export async function makeIdentity(ownerId: string): Promise<string> {
  const identityId = await registerIdentity({ name: `bot ${newId()}`, kind: "bot", environment: "test", description: null }, { actor: seed });
  await answerForIdentity({ identityId, ownerId, sponsorId: ownerId }, { actor: seed });
  return identityId;
}

/** A standing assignment as discovery would have found it. */
export async function makeStanding(identityId: string, entitlementId: string): Promise<string> {
  const id = newId();
  await db.assignment.create({ data: { id, identityId, entitlementId, kind: "standing", path: [], firstSeenAt: new Date(), lastSeenAt: new Date() } });
  await db.identity.update({ where: { id: identityId }, data: { scoredAt: null } });
  return id;
}
