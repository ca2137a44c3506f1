import { randomUUID } from "node:crypto";
import type { PersonActor, WorkloadActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { connectSystem } from "@/lib/connectors/connect";
import { generatePassword, makeScramVerifier } from "@/lib/connectors/postgres/scram";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { inTransaction } from "@/lib/db/transaction";
import { defineEntitlement } from "@/lib/entitlements/mutations";
import type { Sensitivity } from "@/lib/entitlements/types";
import { activateGrant } from "@/lib/grants/activation";
import { answerForIdentity, registerIdentity } from "@/lib/identities/mutations";
import { readEventsAbout } from "@/lib/ledger/read";
import { giveRole, joinTeam, registerPerson } from "@/lib/people/registration";
import { newId } from "@/lib/platform/ids";
import { activatePolicySet } from "@/lib/policies/mutations";
import { samplePolicies } from "@/lib/policies/sample";
import type { Policies } from "@/lib/policies/types";
import { recordDiscovery } from "@/lib/systems/discovery";
import { connectNewSystem, recordReachable } from "@/lib/systems/mutations";
import { decideRequest } from "./decision";
import { submitRequest } from "./mutations";
import { objectionToActivation } from "./recheck";

/** A target that is there already: where it is, how Curfew signs in, which group role is how sensitive. */
export type WorldTarget = {
  readonly installationTag: string;
  readonly config: Prisma.InputJsonObject;
  readonly secrets: unknown;
  readonly groups: Readonly<Record<Sensitivity, string>>;
};

type Asking = Partial<Parameters<typeof submitRequest>[0]> & { readonly sensitivity?: Sensitivity };
type Voting = Partial<Omit<Parameters<typeof decideRequest>[0], "requestId" | "actor">>;
type Activating = { readonly actor?: PersonActor | WorkloadActor; readonly idempotencyKey?: string; readonly password?: string };

/** An issued credential with everything that its holder and the test know of it. */
export type Live = { readonly requestId: string; readonly grantId: string; readonly identityId: string; readonly user: string; readonly password: string };

const seed = { kind: "system", process: "seed" } as const;
const issuer = "https://login.example.com";

/** Registers somebody with roles and teams, as they would act once signed in. */
export async function makePerson(name: string, roles: readonly Role[], teams: readonly string[] = []): Promise<PersonActor> {
  const personId = await registerPerson({ issuer, subject: newId(), name, email: null }, { actor: seed });
  for (const role of roles) await giveRole(personId, role, { actor: seed });
  for (const team of teams) await joinTeam(personId, team, { actor: seed });
  return { kind: "person", personId, name, roles };
}

async function makePeople() {
  return {
    rita: await makePerson("Rita", ["requester"], ["Delivery"]),
    olga: await makePerson("Olga", ["owner"], ["Platform"]),
    sam: await makePerson("Sam", ["owner"]),
    /** Stands in for the owner and could approve what belongs to team Data, if that were not their own side. */
    bo: await makePerson("Bo", ["approver"], ["Data"]),
    anton: await makePerson("Anton", ["approver"], ["Data"]),
    bea: await makePerson("Bea", ["approver"], ["Data"]),
    sven: await makePerson("Sven", ["approver"], ["Security"]),
    selma: await makePerson("Selma", ["approver"], ["Security"]),
    ada: await makePerson("Ada", ["administrator"]),
  };
}

/** Puts a policy set in force. */
export async function putInForce(policies: Policies): Promise<void> {
  const activated = await inTransaction((tx, now) => activatePolicySet(tx, { policies, actor: seed, now }));
  if (!activated.ok) throw new TypeError(`policies: ${JSON.stringify(activated.problems)}`);
}

/** Connects a target as an administrator would and reads what is there. */
async function connectTarget(target: WorldTarget): Promise<string> {
  await db.installation.updateMany({ data: { tag: target.installationTag } });
  const id = newId();
  const { config, secrets } = target;
  await connectNewSystem({ id, name: `target ${id}`, connector: "postgres@1", environment: "production", config, secrets, actor: seed, demo: false });
  const session = await connectSystem(id);
  await recordReachable(id, await session.check(AbortSignal.timeout(20_000)));
  if (session.discover) await recordDiscovery(id, await session.discover(AbortSignal.timeout(60_000)));
  return id;
}

const purposes = ["backfill", "debugging", "incident"];

/** A small organisation over one real target, made through the mutations that users use. */
export class World {
  readonly people: Awaited<ReturnType<typeof makePeople>>;
  readonly systemId: string;
  readonly #entitlements: Readonly<Record<Sensitivity, string>>;

  private constructor(people: Awaited<ReturnType<typeof makePeople>>, systemId: string, entitlements: Readonly<Record<Sensitivity, string>>) {
    this.people = people;
    this.systemId = systemId;
    this.#entitlements = entitlements;
  }

  static async on(target: WorldTarget, policies: Policies = samplePolicies): Promise<World> {
    await putInForce(policies);
    // The tickets that its requests name stand in no ticket system, not even where a worker runs.
    await db.ticketSettings.upsert({ where: { id: 1 }, update: { takesUnknown: true }, create: { id: 1, takesUnknown: true } });
    const people = await makePeople();
    const systemId = await connectTarget(target);
    const teamId = await joinTeam(people.anton.personId, "Data", { actor: seed });
    const define = async (sensitivity: Sensitivity): Promise<string> => {
      const row = await db.entitlement.findFirstOrThrow({ where: { systemId, target: { path: ["groupRole"], equals: target.groups[sensitivity] } }, select: { id: true } });
      const terms = { name: `${sensitivity} ${row.id}`, description: `What is ${sensitivity}`, sensitivity, purposes, maxDurationSeconds: null, requestable: true };
      const defined = await defineEntitlement({ actor: seed, entitlementId: row.id, ...terms, resourceOwnerId: people.anton.personId, resourceTeamId: teamId });
      if (!defined.ok) throw new TypeError(defined.code);
      return row.id;
    };
    const entitlements = { low: await define("low"), medium: await define("medium"), high: await define("high"), critical: await define("critical") };
    return new World(people, systemId, entitlements);
  }

  entitlement(sensitivity: Sensitivity): string {
    return this.#entitlements[sensitivity];
  }

  /** A CI job that Olga owns, Sam sponsors and Bo stands in for. */
  async identity(over: { ownerId?: string; backupId?: string | null; creatorId?: string | null } = {}): Promise<string> {
    const { olga, sam, bo } = this.people;
    const about = { kind: "ci-job", environment: "production", description: null } as const;
    const identityId = await registerIdentity({ name: `job ${newId()}`, ...about }, { actor: seed });
    const answering = { identityId, ...about, ownerId: olga.personId, sponsorId: sam.personId, backupId: bo.personId, creatorId: null, teamId: null, ...over };
    await answerForIdentity(answering, { actor: seed });
    return identityId;
  }

  /** An identity without anybody who answers for it. */
  unowned(): Promise<string> {
    return registerIdentity({ name: `stray ${newId()}`, kind: "bot", environment: "production", description: null }, { actor: seed });
  }

  async ask({ sensitivity = "medium", ...over }: Asking = {}) {
    return submitRequest({
      actor: this.people.rita,
      identityId: over.identityId ?? (await this.identity()),
      entitlementIds: [this.entitlement(sensitivity)],
      purpose: sensitivity === "critical" ? "incident" : "backfill",
      intent: "Backfill the currency column of the orders of spring",
      ticketKey: "CHG-482",
      durationSeconds: 3600,
      idempotencyKey: randomUUID(),
      sourceAddress: null,
      ...over,
    });
  }

  /** Asks and expects a request; answers its id. */
  async asked(asking: Asking = {}): Promise<string> {
    const answer = await this.ask(asking);
    if (!answer.ok) throw new TypeError(`refused: ${answer.code} ${JSON.stringify(answer.detail ?? {})}`);
    return answer.value.requestId;
  }

  /** Votes on what the voter sees at this moment. */
  async vote(requestId: string, actor: PersonActor, over: Voting = {}) {
    const row = await db.request.findUniqueOrThrow({ where: { id: requestId }, select: { version: true, grantedDurationSeconds: true } });
    const seen = { version: row.version, durationSeconds: row.grantedDurationSeconds };
    return decideRequest({ actor, requestId, answer: "approve", reason: "Agreed with the team", ...seen, ...over });
  }

  /** Asks and has everybody asked agree; answers the request's id. */
  async approved(asking: Asking = {}): Promise<string> {
    const requestId = await this.asked(asking);
    const voters = { low: [], medium: [this.people.bea], high: [this.people.bea, this.people.sven], critical: [this.people.bea, this.people.sven] };
    for (const voter of voters[asking.sensitivity ?? "medium"]) {
      const decided = await this.vote(requestId, voter);
      if (!decided.ok) throw new TypeError(`vote refused: ${decided.code}`);
    }
    return requestId;
  }

  /** The grant of a request that is not closed; the newest where several took each other's place. */
  async grantOf(requestId: string) {
    return db.grant.findFirstOrThrow({ where: { requestId }, orderBy: { createdAt: "desc" } });
  }

  grant(id: string) {
    return db.grant.findUniqueOrThrow({ where: { id } });
  }

  /** Activates as the holder does: makes a password and sends its verifier. */
  async activate(grantId: string, { actor = this.people.rita, idempotencyKey = randomUUID(), password = generatePassword() }: Activating = {}) {
    const verifier = await makeScramVerifier(password);
    return activateGrant({ actor, grantId, idempotencyKey, verifier, objection: (tx, grant, now) => objectionToActivation(tx, grant, actor, now) });
  }

  /** A live session of an approved request. */
  async live(asking: Asking = {}): Promise<Live> {
    const identityId = asking.identityId ?? (await this.identity());
    const requestId = await this.approved({ sensitivity: "low", ...asking, identityId });
    const { id: grantId } = await this.grantOf(requestId);
    const password = generatePassword();
    const activated = await this.activate(grantId, { password });
    if (!activated.ok) throw new TypeError(`not activated: ${activated.code}`);
    return { requestId, grantId, identityId, user: activated.value.connection["user"] ?? "", password };
  }

  /** Kinds of the events about one thing, in the order in which they happened. */
  async told(kind: "request" | "grant" | "identity" | "system" | "finding", id: string): Promise<string[]> {
    return (await readEventsAbout(kind, id)).map(({ type }) => type);
  }

  async events(kind: "request" | "grant" | "identity" | "system", id: string, type: string) {
    return (await readEventsAbout(kind, id)).filter((event) => event.type === type);
  }
}
