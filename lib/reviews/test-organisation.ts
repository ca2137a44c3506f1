import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { answerForIdentity, registerIdentity } from "@/lib/identities/mutations";
import { newId } from "@/lib/platform/ids";
import { makePerson } from "@/lib/requests/test-world";
import { startCampaign } from "./mutations";
import { prepareReview } from "./upkeep";

const seed = { kind: "system", process: "seed" } as const;

type People = { readonly owner: PersonActor; readonly backup: PersonActor; readonly sponsor: PersonActor; readonly auditor: PersonActor; readonly administrator: PersonActor };

/** People and a system that is known from files, for tests of reviews. */
export class Organisation {
  readonly owner: PersonActor;
  readonly backup: PersonActor;
  readonly sponsor: PersonActor;
  readonly auditor: PersonActor;
  readonly administrator: PersonActor;
  readonly systemId: string;
  /** Marks what belongs to this organisation. */
  readonly tag: string;

  private constructor(people: People, systemId: string, tag: string) {
    this.owner = people.owner;
    this.backup = people.backup;
    this.sponsor = people.sponsor;
    this.auditor = people.auditor;
    this.administrator = people.administrator;
    this.systemId = systemId;
    this.tag = tag;
  }

  static async found(): Promise<Organisation> {
    const tag = `t${newId().slice(-8)}`;
    const person = (name: string, ...roles: Role[]) => makePerson(`${name} ${tag}`, roles);
    const systemId = newId();
    await db.system.create({ data: { id: systemId, name: `files ${tag}`, connector: "files@1", environment: "test", config: {}, createdAt: new Date() } });
    const people = {
      owner: await person("Olga", "owner"), backup: await person("Bo", "owner"), sponsor: await person("Sam", "owner"), auditor: await person("Audrey", "auditor"),
      administrator: await person("Ada", "administrator"),
    };
    return new Organisation(people, systemId, tag);
  }

  /** An identity with one credential, answered for by owner, sponsor and backup. */
  async identity(name: string, change: { readonly owner?: PersonActor; readonly isPrivileged?: boolean; readonly environment?: string } = {}): Promise<string> {
    const id = await registerIdentity({ name, kind: "service-account", description: null, environment: change.environment ?? "test" }, { actor: seed });
    await answerForIdentity(
      {
        identityId: id, kind: "service-account", environment: change.environment ?? "test", description: null, ownerId: (change.owner ?? this.owner).personId,
        sponsorId: this.sponsor.personId, backupId: this.backup.personId, creatorId: null, teamId: null,
      },
      { actor: seed },
    );
    const seen = new Date();
    await db.identity.update({ where: { id }, data: { tags: [this.tag], systemId: this.systemId, lastActiveAt: seen, visibleSince: new Date(seen.getTime() - 100 * 86_400_000), state: "active" } });
    await this.credential(id, { isPrivileged: change.isPrivileged ?? false });
    return id;
  }

  async credential(identityId: string, { isPrivileged = false, ageDays = 10 } = {}): Promise<string> {
    const id = newId();
    const at = new Date(Date.now() - ageDays * 86_400_000);
    await db.credential.create({
      data: { id, identityId, systemId: this.systemId, handle: `key-${id.slice(-6)}`, targetId: id, kind: "key", createdAt: at, firstSeenAt: at, lastSeenAt: new Date(), facts: { superuser: isPrivileged } },
    });
    return id;
  }

  /** Something standing, so that there is something to narrow. */
  async standing(identityId: string, sensitivity: string): Promise<{ assignmentId: string; entitlementId: string }> {
    const [assignmentId, entitlementId] = [newId(), newId()];
    const at = new Date();
    await db.entitlement.create({ data: { id: entitlementId, systemId: this.systemId, name: `do ${entitlementId.slice(-6)}`, description: "", target: {}, actions: [], sensitivity, purposes: [], createdAt: at } });
    await db.assignment.create({ data: { id: assignmentId, identityId, entitlementId, kind: "standing", path: [], firstSeenAt: at, lastSeenAt: at } });
    return { assignmentId, entitlementId };
  }

  /** A campaign over everything here, ready to be decided. */
  async campaign(change: Partial<Parameters<typeof startCampaign>[0]> = {}): Promise<string> {
    const started = await startCampaign(
      { name: `Everything of ${this.tag}`, scope: `tag=${this.tag}`, reviewers: ["owner", "backup", "sponsor"], dueAt: new Date(Date.now() + 7 * 86_400_000), onMissed: "escalate", idempotencyKey: newId(), ...change },
      { actor: this.administrator },
    );
    if (!started.ok) throw new RangeError(started.code);
    await prepareReview(started.value.reviewId);
    return started.value.reviewId;
  }
}

/** Items of a review by the name of their identity. */
export async function itemsOf(reviewId: string): Promise<Map<string, { id: string; state: string; notInBatch: string | null; consequence: string | null }>> {
  const rows = await db.reviewItem.findMany({ where: { reviewId }, select: { id: true, state: true, notInBatch: true, consequence: true, identity: { select: { name: true } } } });
  return new Map(rows.map(({ identity, ...row }) => [identity.name, row]));
}
