import { describe, expect, it } from "vitest";
import { workloadActor, type WorkloadClaims } from "@/lib/auth/workload";
import { db } from "@/lib/db/client";
import { registerIdentity, setIdentityState, trustWorkload } from "@/lib/identities/mutations";
import { admitPerson } from "@/lib/people/mutations";
import { newId } from "@/lib/platform/ids";

const actor = { kind: "system", process: "seed" } as const;
const issuer = "https://ci.example.com";

async function workload(): Promise<{ identityId: string; claims: WorkloadClaims }> {
  const subject = `repo:acme/${newId()}`;
  const identityId = await registerIdentity({ name: subject, kind: "ci-job", description: null, environment: "test" }, { actor });
  await trustWorkload(identityId, { issuer, subject }, { actor });
  return { identityId, claims: { issuer, subject, tokenId: "job-1", actorEmail: null } };
}

async function person(email: string): Promise<string> {
  const admitted = await admitPerson({ issuer: "https://login.example.com", subject: newId(), name: email, email });
  if (!admitted.ok) throw new TypeError("not admitted");
  return admitted.value.personId;
}

describe("a verified workload", () => {
  it("acts as the one identity that trusts its issuer and subject", async () => {
    const { identityId, claims } = await workload();
    expect(await workloadActor(claims)).toMatchObject({ ok: true, value: { kind: "workload", identityId, triggeredById: null } });
  });

  it.each([
    ["another subject", { subject: "repo:acme/other" }],
    ["another issuer", { issuer: "https://other.example.com" }],
    ["the subject in other letters", { subject: "REPO" }],
  ])("with %s is unknown", async (_, changes) => {
    const { claims } = await workload();
    expect(await workloadActor({ ...claims, ...changes })).toMatchObject({ ok: false, code: "identity-unknown" });
  });

  it.each(["suspended", "offboarded"] as const)("whose identity is %s may not act", async (state) => {
    const { identityId, claims } = await workload();
    await setIdentityState(identityId, state, { actor });
    expect(await workloadActor(claims)).toMatchObject({ ok: false, code: "identity-suspended" });
  });

  it("whose identity has vanished may not act", async () => {
    const { identityId, claims } = await workload();
    await db.identity.update({ where: { id: identityId }, data: { vanishedAt: new Date() } });
    expect(await workloadActor(claims)).toMatchObject({ ok: false, code: "identity-vanished" });
  });

  it("carries the person who triggered it, whatever the letters of the address", async () => {
    const { claims } = await workload();
    const email = `rita_${newId()}@example.com`;
    const personId = await person(email);
    expect(await workloadActor({ ...claims, actorEmail: email.toUpperCase() })).toMatchObject({ ok: true, value: { triggeredById: personId } });
  });

  it("takes no wildcard for a person", async () => {
    const { claims } = await workload();
    await person(`rita-${newId()}@example.com`);
    for (const actorEmail of ["%@example.com", "rita_%@example.com"]) {
      expect(await workloadActor({ ...claims, actorEmail })).toMatchObject({ ok: true, value: { triggeredById: null } });
    }
  });

  it("is refused when two persons have the attested address: one of them could vote on their own job", async () => {
    const { claims } = await workload();
    const email = `${newId()}@example.com`;
    const [first] = [await person(email), await person(email)];
    expect(await workloadActor({ ...claims, actorEmail: email })).toMatchObject({ ok: false, code: "actor-ambiguous" });
    await db.person.update({ where: { id: first }, data: { leftAt: new Date() } });
    expect((await workloadActor({ ...claims, actorEmail: email })).ok).toBe(true);
  });
});
