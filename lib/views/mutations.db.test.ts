import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { makePerson } from "@/lib/requests/test-world";
import { readViews } from "./data";
import { changeView, deleteView, saveView } from "./mutations";
import { saveViewSchema } from "./schema";

let olga: PersonActor;
let rita: PersonActor;
const list = "identities";

beforeAll(async () => {
  olga = await makePerson("Olga", ["owner"]);
  rita = await makePerson("Rita", ["requester"]);
});

async function saved(name: string, shared = false) {
  const answer = await saveView({ actor: olga, list, name, query: "state=stale", shared });
  if (!answer.ok) throw new TypeError(answer.code);
  return answer.value.viewId;
}

describe("kept views", () => {
  it("are one's own until they are shared, and then for reading only", async () => {
    const viewId = await saved("Stale ones");
    expect(await readViews(rita.personId, list)).toEqual([]);
    await changeView({ actor: olga, viewId, name: "Stale", query: "state=stale&sort=name", shared: true });
    expect(await readViews(rita.personId, list)).toEqual([{ id: viewId, name: "Stale", query: "state=stale&sort=name", isShared: true, isOwn: false, by: "Olga" }]);
    expect(await changeView({ actor: rita, viewId, name: "Mine now", query: "", shared: true })).toEqual({ ok: false, code: "view-unknown" });
    expect(await deleteView({ actor: rita, viewId })).toEqual({ ok: false, code: "view-unknown" });
    expect(await deleteView({ actor: olga, viewId })).toMatchObject({ ok: true });
    expect(await readViews(rita.personId, list)).toEqual([]);
  });

  it("have each name once, also when two windows save at the same time", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => saveView({ actor: olga, list, name: "Twice", query: "", shared: false })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.filter((answer) => !answer.ok && answer.code === "name-taken")).toHaveLength(2);
    const other = await saved("Other");
    expect(await changeView({ actor: olga, viewId: other, name: "Twice", query: "", shared: false })).toEqual({ ok: false, code: "name-taken" });
  });

  it("keep what is shown, not the place in it", () => {
    const parsed = saveViewSchema.parse({ list, name: " Mine ", query: "sort=-exposure&after=abc&open=1&kind=bot&before=x", shared: "yes" });
    expect(parsed).toEqual({ list, name: "Mine", query: "kind=bot&sort=-exposure", shared: true });
  });
});
