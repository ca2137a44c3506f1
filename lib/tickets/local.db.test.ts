import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { queueComments, writeComment } from "./comments";
import { freshTicketFacts } from "./checking";
import { approveChange, closeChange, registerChange, submitChange } from "./mutations";
import { ensureLocalRegister, setUnknownKeys } from "./providing";
import { closeLinks, endWithoutTicket } from "./watching";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
  await ensureLocalRegister({ kind: "system", process: "worker" }, { takesUnknown: false });
  // As it is where nobody said otherwise.
  await setUnknownKeys({ actor: world.people.ada, takesUnknown: false });
});

async function change(over: { author?: PersonActor; windowFrom?: Date | null; windowUntil?: Date | null; identityIds?: string[]; systemIds?: string[] } = {}) {
  const { author, ...rest } = { author: world.people.rita, windowFrom: null, windowUntil: null, identityIds: [], systemIds: [world.systemId], ...over };
  const made = await registerChange({ actor: author, title: "Backfill the currency column", description: "Orders of spring get their currency", ...rest });
  if (!made.ok) throw new TypeError(made.code);
  return made.value;
}

async function approvedChange(over: Parameters<typeof change>[0] = {}) {
  const made = await change(over);
  await submitChange({ actor: over.author ?? world.people.rita, changeId: made.changeId });
  const approved = await approveChange({ actor: world.people.selma, changeId: made.changeId });
  if (!approved.ok) throw new TypeError(approved.code);
  return made;
}

const grantState = async (id: string) => (await db.grant.findUniqueOrThrow({ where: { id } })).state;

describe("a change of the register inside", () => {
  it("is approved by a second person, never by its author or whoever answers for what it names", async () => {
    const identityId = await world.identity();
    const { rita, olga, selma } = world.people;
    const made = await change({ author: olga, identityIds: [identityId], systemIds: [] });
    expect(await approveChange({ actor: selma, changeId: made.changeId })).toMatchObject({ ok: false, code: "not-waiting" });
    expect(await submitChange({ actor: rita, changeId: made.changeId })).toMatchObject({ ok: false, code: "not-yours" });
    expect((await submitChange({ actor: olga, changeId: made.changeId })).ok).toBe(true);
    expect(await approveChange({ actor: olga, changeId: made.changeId })).toMatchObject({ ok: false, code: "own-change" });
    expect(await approveChange({ actor: world.people.sam, changeId: made.changeId })).toMatchObject({ ok: false, code: "asking-side" });
    expect(await approveChange({ actor: rita, changeId: made.changeId })).toMatchObject({ ok: false, code: "no-role" });
    expect(await approveChange({ actor: selma, changeId: made.changeId })).toMatchObject({ ok: true, value: { state: "approved" } });
    expect(await approveChange({ actor: selma, changeId: made.changeId })).toMatchObject({ ok: false, code: "not-waiting" });
  });

  it("cannot be approved by its author even where the code would let them", async () => {
    const made = await change();
    await expect(db.localChange.update({ where: { id: made.changeId }, data: { approvedById: world.people.rita.personId } })).rejects.toThrow();
  });
});

describe("a request that names a change", () => {
  it("is refused while the change does not exist, is not approved, or names something else", async () => {
    const draft = await change();
    const other = await approvedChange({ systemIds: [], identityIds: [await world.identity()] });
    const reasons = async (ticketKey: string) => {
      const answer = await world.ask({ ticketKey });
      return answer.ok ? "stored" : `${answer.code}: ${String(answer.detail?.["reasons"] ?? "")}`;
    };
    expect(await reasons("LC-999999")).toBe("ticket-not-good: unknown-ticket");
    expect(await reasons(draft.key)).toBe("ticket-not-good: not-approved");
    expect(await reasons(other.key)).toBe("ticket-not-good: names-other-asset");
    expect(await reasons("CHG-482")).toBe("ticket-unknown: ");
  });

  it("may name what no provider knows only where an administrator said so", async () => {
    await setUnknownKeys({ actor: world.people.ada, takesUnknown: true });
    const answer = await world.ask({ ticketKey: "CHG-482" });
    await setUnknownKeys({ actor: world.people.ada, takesUnknown: false });
    expect(answer.ok).toBe(true);
    expect(await db.ticketLink.count({ where: { requestId: answer.ok ? answer.value.requestId : "" } })).toBe(0);
  });

  it("keeps a snapshot of it, whose hash stands on the ledger with the time of the fetch", async () => {
    const { key } = await approvedChange();
    const requestId = await world.asked({ ticketKey: key });
    const link = await db.ticketLink.findUniqueOrThrow({ where: { requestId }, include: { ticket: { include: { snapshots: true } } } });
    const [checked] = await world.events("request", requestId, "ticket.checked");
    expect(checked?.data).toMatchObject({ moment: "request", ticketKey: key, reasons: [], hash: link.ticket.hash });
    expect(link.ticket.snapshots.map(({ hash }) => hash)).toContain(link.ticket.hash);
  });

  it("cannot be approved by vote once the change is closed, and can be denied", async () => {
    const made = await approvedChange();
    const requestId = await world.asked({ ticketKey: made.key });
    await closeChange({ actor: world.people.rita, changeId: made.changeId });
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: false, code: "ticket-not-good" });
    expect((await db.request.findUniqueOrThrow({ where: { id: requestId } })).state).toBe("pending");
    expect(await world.vote(requestId, world.people.bea, { answer: "deny" })).toMatchObject({ ok: true, value: { state: "denied" } });
  });

  it("is not activated before the window of the change, nor after it was closed", async () => {
    const made = await approvedChange();
    const requestId = await world.approved({ ticketKey: made.key });
    const { id: grantId } = await world.grantOf(requestId);
    await db.localChange.update({ where: { id: made.changeId }, data: { windowFrom: new Date(Date.now() + 3_600_000) } });
    await db.ticket.updateMany({ data: { fetchedAt: new Date(Date.now() - 60_000) } });
    await freshTicketFacts(requestId);
    expect(await world.activate(grantId)).toMatchObject({ ok: false, code: "ticket-not-good" });
    expect(await grantState(grantId)).toBe("ready");
  });

  it("waits while facts are too old: nothing is approved on what nobody knows", async () => {
    const made = await approvedChange();
    const requestId = await world.approved({ ticketKey: made.key });
    const { id: grantId } = await world.grantOf(requestId);
    await db.ticket.updateMany({ data: { fetchedAt: new Date(Date.now() - 3_600_000) } });
    expect(await world.activate(grantId)).toMatchObject({ ok: false, code: "ticket-provider-down" });
    await freshTicketFacts(requestId);
    expect((await world.activate(grantId)).ok).toBe(true);
  });

  it("loses its session when the change is closed, in the same transaction and with the reason", async () => {
    const made = await approvedChange();
    const live = await world.live({ sensitivity: "medium", ticketKey: made.key });
    expect(await endWithoutTicket()).toBe(0);
    expect(await closeChange({ actor: world.people.rita, changeId: made.changeId })).toMatchObject({ ok: true, value: { state: "closed" } });
    expect(await db.grant.findUniqueOrThrow({ where: { id: live.grantId } })).toMatchObject({ state: "ending", endReason: "ticket-closed" });
    expect((await world.events("request", live.requestId, "ticket.checked")).at(-1)?.data).toMatchObject({ moment: "recheck", reasons: ["not-open"] });
  });

  it("loses its session when the window of the change is over", async () => {
    const made = await approvedChange({ windowUntil: new Date(Date.now() + 3_600_000) });
    const live = await world.live({ sensitivity: "medium", ticketKey: made.key });
    expect(await endWithoutTicket()).toBe(0);
    const ticket = await db.ticket.findFirstOrThrow({ where: { key: made.key.slice(3) } });
    await db.ticket.update({ where: { id: ticket.id }, data: { facts: { ...(ticket.facts as object), windowUntil: new Date(Date.now() - 1_000).toISOString() } } });
    expect(await endWithoutTicket()).toBe(1);
    expect(await db.grant.findUniqueOrThrow({ where: { id: live.grantId } })).toMatchObject({ endReason: "ticket-closed" });
  });

  it("is written back once: decision and activation, however often anybody looks", async () => {
    const made = await approvedChange();
    const live = await world.live({ sensitivity: "medium", ticketKey: made.key });
    await queueComments();
    await queueComments();
    const comments = await db.ticketComment.findMany({ where: { requestId: live.requestId } });
    expect(comments.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(["activation pending", "decision pending"]);
    await Promise.all([...comments, ...comments].map(({ id }) => writeComment(id)));
    expect(await db.localChangeNote.count({ where: { changeId: made.changeId } })).toBe(2);
    expect((await world.told("request", live.requestId)).filter((type) => type === "ticket.commented")).toHaveLength(2);
    await closeLinks();
    expect(await db.ticketLink.findUniqueOrThrow({ where: { requestId: live.requestId } })).toMatchObject({ closedAt: null });
  });
});
