import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { examineChain } from "@/lib/chains/mutations";
import { db } from "@/lib/db/client";
import { beginEnrol, enrol } from "@/lib/passkeys/mutations";
import { readProof } from "@/lib/passkeys/data";
import { digestOfProof } from "@/lib/passkeys/statement";
import { testAuthenticator, type TestAuthenticator } from "@/lib/passkeys/test-authenticator";
import { openSignIn } from "@/lib/people/mutations";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { samplePolicies } from "@/lib/policies/sample";
import { beginApproval } from "@/lib/requests/confirming";
import { setScene } from "@/lib/requests/test-target-of-file";
import { putInForce, type World } from "@/lib/requests/test-world";
import { approveChange, closeChange, registerChange, submitChange } from "@/lib/tickets/mutations";
import { ensureLocalRegister } from "@/lib/tickets/providing";
import { whatIsWrong } from "../../../scripts/verify/step-up.mjs";
import { readChain } from "./chain";

const origin = new URL(env.url).origin;
let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
  await ensureLocalRegister({ kind: "system", process: "worker" }, { takesUnknown: false });
});

const chainOf = async (requestId: string) => {
  const chain = await readChain(requestId);
  if (!chain) throw new RangeError("no chain");
  return chain;
};

describe("a chain with a vote that a passkey confirmed", () => {
  const sign = async (actor: PersonActor): Promise<{ signInId: string; key: TestAuthenticator }> => {
    const opened = await openSignIn(actor.personId);
    if (!opened.ok) throw new TypeError("not signed in");
    const { signInId } = opened.value;
    const begun = await beginEnrol({ actor, signInId });
    if (!begun.ok || begun.value.step !== "make") throw new TypeError("no first passkey");
    const key = testAuthenticator({ origin });
    await enrol({ actor, signInId, name: "Key", response: key.make(begun.value.options) });
    return { signInId, key };
  };

  it("shows the proof over exactly this vote, and what it leads to holds elsewhere: one bit more and it does not", async () => {
    await putInForce({ ...samplePolicies, "high-two-stages": (samplePolicies["high-two-stages"] ?? "").replace('@idle("30m")', '@idle("30m")\n@step_up') });
    const { bea } = world.people;
    const { signInId, key } = await sign(bea);
    const requestId = await world.asked({ sensitivity: "high" });
    const { version, grantedDurationSeconds } = await db.request.findUniqueOrThrow({ where: { id: requestId } });
    const begun = await beginApproval({ actor: bea, signInId, requestId, version, durationSeconds: grantedDurationSeconds, reason: "Agreed with the team" });
    if (!begun.ok) throw new TypeError(begun.code);
    expect((await world.vote(requestId, bea, { confirmation: { signInId, response: key.confirm(begun.value.options) } })).ok).toBe(true);

    const [vote] = (await chainOf(requestId)).stages.flatMap(({ votes }) => votes);
    expect(vote).toMatchObject({ name: "Bea", passkey: { userVerified: true, isOverThisVote: true } });
    const proof = await readProof(vote?.passkey?.proofId ?? "");
    if (!proof) throw new RangeError("no proof");
    // The event of the vote, which the ledger proves, names this proof by its digest.
    const voted = JSON.parse((await chainOf(requestId)).events.find(({ type }) => type === "request.voted")?.canonical ?? "") as { data: { proofId: string; proofDigest: string } };
    expect(voted.data).toMatchObject({ proofId: proof.id, proofDigest: digestOfProof(proof) });
    expect(whatIsWrong(proof, { origin, proofDigest: voted.data.proofDigest })).toBeNull();
    expect(JSON.parse(proof.statement)).toMatchObject({ approves: { kind: "request-vote", answer: "approve", request: requestId, voter: bea.personId } });
    const changed = { ...proof, signature: proof.signature.replace(/.(.)$/, (_, last: string) => `${last === "A" ? "B" : "A"}${last}`) };
    expect(whatIsWrong(changed, { origin })).not.toBeNull();

    // What it was used for cannot be changed to another vote.
    await expect(db.stepUpUse.updateMany({ where: { proofId: proof.id }, data: { usedBy: newId() } })).rejects.toThrow();
  });
});

describe("a chain with a bound ticket", () => {
  async function liveWithTicket() {
    const made = await registerChange({ actor: world.people.rita, title: "Backfill the currency column", description: "Orders of spring", windowFrom: null, windowUntil: null, identityIds: [], systemIds: [world.systemId] });
    if (!made.ok) throw new TypeError(made.code);
    const { changeId, key } = made.value;
    await submitChange({ actor: world.people.rita, changeId });
    await approveChange({ actor: world.people.selma, changeId });
    return { changeId, key, live: await world.live({ sensitivity: "medium", ticketKey: key }) };
  }

  it("shows what the ticket was at each moment, under the hash of the very bytes that were kept", async () => {
    const { key, live } = await liveWithTicket();
    const chain = await chainOf(live.requestId);
    expect(chain.ticket).toMatchObject({ key, facts: { approved: "yes", isOpen: true } });
    expect(chain.ticketMoments.length).toBeGreaterThan(1);
    const snapshots = await db.ticketSnapshot.findMany({ where: { ticket: { links: { some: { requestId: live.requestId } } } } });
    const kept = new Map(snapshots.map(({ bytes, hash }) => [createHash("sha256").update(bytes).digest("hex"), hash]));
    for (const moment of chain.ticketMoments) expect(kept.get(moment.hash ?? ""), moment.sentence).toBe(moment.hash);
    expect(chain.ticketMoments[0]?.sentence).toContain(key);
  });

  it("has a finding when its session was used after the ticket was seen closed, and none when before", async () => {
    const { changeId, live } = await liveWithTicket();
    const source = await db.source.create({ data: { id: newId(), systemId: world.systemId, name: `log ${newId()}`, kind: "log", format: "postgres-jsonlog", lagSeconds: 60, createdAt: new Date() } });
    const use = (at: Date) => db.use.create({ data: { id: newId(), systemId: world.systemId, sourceId: source.id, grantId: live.grantId, kind: "statement", key: newId(), startedAt: at, lastSeenAt: at, source: "postgres-jsonlog", match: "exact", outcome: "allowed", principal: live.user } });
    const about = async () => {
      await examineChain(live.requestId);
      return (await chainOf(live.requestId)).chains[0]?.grant?.findings.filter(({ kind, closedAt }) => kind === "ticket-closed-before-use" && closedAt === null);
    };
    await use(new Date());
    expect((await closeChange({ actor: world.people.rita, changeId })).ok).toBe(true);
    expect(await about()).toEqual([]);
    await use(new Date(Date.now() + 5 * 60_000));
    expect(await about()).toMatchObject([{ title: expect.stringMatching(/was used .* after its ticket was seen closed/), controls: expect.arrayContaining([expect.objectContaining({ id: "CC6.2" })]) }]);
    const chain = await chainOf(live.requestId);
    expect(chain.chains[0]?.grant?.endReason).toBe("ticket-closed");
    expect(chain.ticket?.facts?.isOpen).toBe(false);
    expect(chain.ticketMoments.at(-1)).toMatchObject({ state: chain.ticket?.facts?.state });
  });
});
