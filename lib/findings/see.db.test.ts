import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { bareChain } from "@/lib/evidence/masking";
import { readChain } from "@/lib/evidence/views/chain";
import { readEventsAbout } from "@/lib/ledger/read";
import { setScene } from "@/lib/requests/test-target-of-file";
import { type Live, makePerson, type World } from "@/lib/requests/test-world";
import { listFindings } from "./data";
import { closeFinding, openFinding, seeFinding } from "./mutations";
import { findingListSchema } from "./schema";

const worker = { kind: "system", process: "worker" } as const;
const reason = "Looked at it with the owner: the job ran over.";

let world: World;
let live: Live;
let otto: World["people"]["ada"];
beforeAll(async () => {
  ({ world } = await setScene());
  live = await world.live({ sensitivity: "high" });
  otto = await makePerson("Otto", ["owner"]);
});
beforeEach(async () => {
  await db.finding.deleteMany();
});

const open = (more: Partial<Parameters<typeof openFinding>[1]> = {}) =>
  inTransaction((tx, now) =>
    openFinding(tx, { kind: "ended-late", key: "ended-late:1", title: "ended 5 min late", detail: { lateSeconds: 300 }, subjects: { grantId: live.grantId, identityId: live.identityId }, actor: worker, now, ...more }),
  );
const only = () => db.finding.findFirstOrThrow();
const told = async () => (await readEventsAbout("finding", (await only()).id, 20)).map(({ type }) => type);
const listed = async (state: string) => (await listFindings({ of: "all" }, findingListSchema.parse({ state }))).rows;
const see = async (actor = world.people.ada, said = reason) => seeFinding({ actor, findingId: (await only()).id, reason: said });

describe("saying that one looked at a finding", () => {
  it("takes it off the open list with who, when and why, and leaves it a gap", async () => {
    await open();
    expect(await see()).toMatchObject({ ok: true });
    expect(await listed("open")).toEqual([]);
    expect(await listed("seen")).toMatchObject([{ closedAt: null, seen: { by: "Ada", reason } }]);
    expect(await listed("closed")).toEqual([]);
    expect(await told()).toEqual(["finding.opened", "finding.seen"]);
    const [, event] = await readEventsAbout("finding", (await only()).id, 20);
    expect(event?.actor).toMatchObject({ kind: "person", id: world.people.ada.personId });
    // What was typed stands beside the event, not in it.
    expect(JSON.stringify(event?.data)).not.toContain("the job ran over");
    const chain = await readChain(live.requestId);
    expect(chain?.chains[0]?.grant?.findings).toMatchObject([{ closedAt: null, seen: { by: "Ada", reason } }]);
    const bare = JSON.stringify(chain && bareChain(chain).chains[0]?.grant?.findings);
    expect(bare).toContain(`"seen":{"at":`);
    expect(bare).not.toMatch(/Ada|the job ran over/);
  });

  it("an answer that was lost is given again; somebody else’s word is not taken over", async () => {
    await open();
    await see();
    expect(await see()).toMatchObject({ ok: true });
    expect(await see(world.people.ada, "Another story than before, later.")).toMatchObject({ ok: false, code: "already-seen" });
    expect(await told()).toEqual(["finding.opened", "finding.seen"]);
  });

  it("is refused to whoever asked, voted, answers for the identity or is named by it, and to who does not answer for it", async () => {
    const { rita, olga, ada } = world.people;
    await open();
    const vote = await db.vote.findFirstOrThrow({ where: { requestId: live.requestId }, select: { personId: true } });
    const asAdministrator = (personId: string) => ({ ...ada, personId });
    for (const personId of [rita.personId, olga.personId, vote.personId]) expect(await see(asAdministrator(personId))).toMatchObject({ ok: false, code: "own-act" });
    expect(await see(otto)).toMatchObject({ ok: false, code: "unknown-finding" });
    await open({ kind: "policy-by-beneficiary", key: "p", detail: { personId: ada.personId } });
    const named = await db.finding.findFirstOrThrow({ where: { kind: "policy-by-beneficiary" } });
    expect(await seeFinding({ actor: ada, findingId: named.id, reason })).toMatchObject({ ok: false, code: "own-act" });
    expect(await db.finding.count({ where: { seenAt: { not: null } } })).toBe(0);
  });

  it("the owner side may where no chain is behind it", async () => {
    await open({ kind: "use-outside-session", subjects: { identityId: live.identityId } });
    expect(await see(otto)).toMatchObject({ ok: false, code: "unknown-finding" });
    expect(await see(world.people.olga)).toMatchObject({ ok: true });
  });

  it("is refused where the gap is there still, where it is closed, and where the reason holds a secret", async () => {
    await open({ kind: "side-door", key: "s", subjects: { identityId: live.identityId } });
    expect(await see()).toMatchObject({ ok: false, code: "closes-by-itself" });
    await db.finding.deleteMany();
    await open();
    expect(await see(world.people.ada, "the password is hunter2hunter2hunter2 AKIAIOSFODNN7EXAMPLQ")).toMatchObject({ ok: false, code: "secret-in-text" });
    await inTransaction((tx, now) => closeFinding(tx, { key: "ended-late:1", actor: worker, now }));
    expect(await see()).toMatchObject({ ok: false, code: "already-closed" });
  });

  it("holds while its facts do, and ends with them", async () => {
    await open();
    await see();
    expect(await open()).toBe(false);
    expect(await open({ title: "ended 5 min late (said better)" })).toBe(false);
    expect(await listed("seen")).toMatchObject([{ title: "ended 5 min late (said better)" }]);
    expect(await open({ detail: { lateSeconds: 900 }, title: "ended 15 min late" })).toBe(false);
    expect(await listed("open")).toMatchObject([{ title: "ended 15 min late", seen: null }]);
    expect(await told()).toEqual(["finding.opened", "finding.seen", "finding.reopened"]);
    expect(await see()).toMatchObject({ ok: true });
    expect(await db.finding.count()).toBe(1);
  });
});
