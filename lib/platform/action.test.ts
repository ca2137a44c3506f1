import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { createAction } from "@/lib/platform/action";
import { idle } from "@/lib/platform/action-state";
import { AppError } from "@/lib/platform/errors";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { stubEnvironment } from "@/lib/platform/test-environment";

stubEnvironment();

type Person = { id: string; may: boolean };
const schema = z.object({
  name: z.string().min(3, "Give a name of at least 3 characters."),
  count: z.coerce.number().int().min(1).max(5).optional(),
  entitlementIds: z.array(z.uuid()),
});

function build(changes: {
  person?: Person | null;
  run?: () => Promise<Result<string, "taken">>;
  secret?: string[];
  refresh?: boolean;
} = {}) {
  const refresh = vi.fn();
  const run = vi.fn(changes.run ?? (() => Promise.resolve(ok("kept"))));
  const action = createAction<Person, "thing:do">({
    actor: () => Promise.resolve(changes.person === undefined ? { id: "p1", may: true } : changes.person),
    may: (person) => person.may,
    idOf: (person) => person.id,
    heldBy: () => "approver, owner",
    correlationId: () => Promise.resolve("c1"),
    refresh,
  });
  const submit = action({
    name: "thing.do",
    permission: "thing:do",
    input: schema,
    run,
    lists: ["entitlementIds"],
    ...(changes.secret ? { secret: changes.secret } : {}),
    ...(changes.refresh === undefined ? {} : { refresh: changes.refresh }),
  });
  const send = (fields: Record<string, string | string[]>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) [value].flat().forEach((item) => form.append(name, item));
    return submit(idle, form);
  };
  return { send, submit, run, refresh };
}

describe("a server action", () => {
  it("runs for somebody with the permission, refreshes the page and answers the value", async () => {
    const { send, run, refresh } = build();
    expect(await send({ name: "Ada", count: "2" })).toEqual({ status: "done", value: "kept" });
    expect(run).toHaveBeenCalledWith(expect.objectContaining({ input: { name: "Ada", count: 2, entitlementIds: [] }, correlationId: "c1" }));
    expect(refresh).toHaveBeenCalledOnce();
  });

  it("does not refresh where the page shows something once", async () => {
    const { send, refresh } = build({ refresh: false });
    expect((await send({ name: "Ada" })).status).toBe("done");
    expect(refresh).not.toHaveBeenCalled();
  });

  it("answers signed-out before it looks at anything, and keeps what was typed", async () => {
    const { send, run } = build({ person: null });
    expect(await send({ name: "x" })).toEqual({ status: "signed-out", values: { name: "x" }, lists: { entitlementIds: [] } });
    expect(run).not.toHaveBeenCalled();
  });

  it("refuses who lacks the permission without a word about the input", async () => {
    const { send, run } = build({ person: { id: "p2", may: false } });
    const state = await send({ name: "x" });
    expect(state).toMatchObject({ status: "refused", code: "no-permission", detail: { heldBy: "approver, owner" } });
    expect(JSON.stringify(state)).not.toContain("at least 3");
    expect(run).not.toHaveBeenCalled();
  });

  it("shows what is wrong at its field and gives back what was typed", async () => {
    const { send } = build();
    expect(await send({ name: "x", count: "9", entitlementIds: ["nope"] })).toEqual({
      status: "invalid",
      fieldErrors: {
        name: ["Give a name of at least 3 characters."],
        count: ["At most 5."],
        entitlementIds: ["Choose one of the offered entries."],
      },
      values: { name: "x", count: "9" },
      lists: { entitlementIds: ["nope"] },
    });
  });

  it.each([
    ["NUL", "A\0da", /NUL/],
    ["10,001 characters", "a".repeat(10_001), /At most 10,000 characters; this has 10,001/],
  ])("refuses %s at the border", async (_, name, message) => {
    const { send, run } = build();
    const state = await send({ name });
    expect(state.status === "invalid" && state.fieldErrors["name"]?.[0]).toMatch(message);
    expect(JSON.stringify(state)).not.toContain("\\u0000");
    expect(run).not.toHaveBeenCalled();
  });

  it("refuses a file, and something that is no form at all", async () => {
    const { submit } = build();
    const form = new FormData();
    form.append("name", new Blob(["x"]), "x.txt");
    expect(await submit(idle, form)).toMatchObject({ status: "invalid", fieldErrors: { name: ["A file cannot be sent here."] } });
    // What a hand-made call of the action can send instead of a form.
    const forged: unknown = { name: "Ada" };
    expect((await submit(idle, forged as FormData)).status).toBe("invalid");
  });

  it("answers a refusal with its code and refreshes, since somebody else may have been faster", async () => {
    const { send, refresh } = build({ run: () => Promise.resolve(refuse("taken", { by: "Bo" })) });
    expect(await send({ name: "Ada" })).toMatchObject({ status: "refused", code: "taken", detail: { by: "Bo" }, values: { name: "Ada" } });
    expect(refresh).toHaveBeenCalledOnce();
  });

  it("answers a fault with a correlation id and never with its message", async () => {
    const { send } = build({ run: () => Promise.reject(new AppError("database", "table people is missing")) });
    const state = await send({ name: "Ada" });
    expect(state).toMatchObject({ status: "failed", correlationId: "c1", values: { name: "Ada" } });
    expect(JSON.stringify(state)).not.toContain("table people");
  });

  it("never sends back a secret field", async () => {
    const { send } = build({ secret: ["verifier"], run: () => Promise.resolve(refuse("taken")) });
    const state = await send({ name: "Ada", verifier: "hush-hush" });
    expect(JSON.stringify(state)).not.toContain("hush");
  });

  it("ignores React's own fields and names that could reach an object's prototype", async () => {
    const { send } = build({ run: () => Promise.resolve(refuse("taken")) });
    expect(await send({ name: "Ada", $ACTION_ID_x: "1", __proto__x: "1", constructor: "kept" })).toMatchObject({
      values: { name: "Ada", constructor: "kept" },
    });
  });
});
