import { beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { readEventsAbout } from "@/lib/ledger/read";
import { newId } from "@/lib/platform/ids";
import { decideProposal } from "@/lib/proposals/mutations";
import { makePerson } from "@/lib/requests/test-world";
import { connectByHand, reconnectByHand } from "./connecting";
import { connectSystemSchema, reconnectSystemSchema } from "./connect-schema";

const password = "correct-horse-battery";
const fields = (name: string) => ({
  name, environment: "production", host: "db.example.com", port: "5433", database: "", sslmode: "require", ca: "",
  user: "curfew", password, probeUser: "curfew_probe", probePassword: `${password}-2`,
});
const formOf = (name: string) => connectSystemSchema.parse(fields(name));
const waiting = () => db.proposal.findMany({ where: { state: "waiting" }, select: { id: true, payload: true } });

beforeEach(async () => {
  await db.proposal.deleteMany();
  await db.personRole.deleteMany();
});

describe("connecting a system by hand", () => {
  it("is done at once by the only administrator, with its accounts sealed and its first look queued", async () => {
    const ada = await makePerson("Ada", ["administrator"]);
    const name = `db ${newId()}`;
    const done = await connectByHand({ actor: ada, form: formOf(name) });
    if (!done.ok || done.value.state !== "applied") throw new TypeError("not connected");
    const row = await db.system.findUniqueOrThrow({ where: { id: done.value.systemId } });
    expect(row).toMatchObject({ name, environment: "production", connector: "postgres@1", config: { host: "db.example.com", port: 5433, database: "postgres", sslmode: "require" } });
    expect(Buffer.from(row.sealedSecrets ?? []).toString("latin1")).not.toContain(password);
    expect((await readEventsAbout("system", row.id)).map(({ type }) => type)).toContain("system.connected");
    const jobs = await db.$queryRaw<{ key: string }[]>`select key from graphile_worker.jobs where key like ${`%${row.id}`} order by key`;
    expect(jobs.map(({ key }) => key)).toEqual([`check-system:${row.id}`, `discover-system:${row.id}`]);
  });

  it("waits for another administrator once there are two, with nothing readable in what waits", async () => {
    const [ada, ben] = [await makePerson("Ada", ["administrator"]), await makePerson("Ben", ["administrator"])];
    const name = `db ${newId()}`;
    expect(await connectByHand({ actor: ada, form: formOf(name) })).toEqual({ ok: true, value: { state: "waiting" } });
    expect(await db.system.count({ where: { name } })).toBe(0);
    const [proposal] = await waiting();
    expect(JSON.stringify(proposal)).not.toContain(password);
    expect(await decideProposal({ actor: ben, proposalId: proposal?.id ?? "", answer: "confirm" })).toMatchObject({ ok: true });
    expect(await db.system.count({ where: { name } })).toBe(1);
    // Decided, it keeps nothing of what it held sealed.
    const { payload, key } = await db.proposal.findUniqueOrThrow({ where: { id: proposal?.id ?? "" } });
    expect({ payload, key }).toEqual({ payload: {}, key: proposal?.id });
  });

  it("refuses a name that is taken", async () => {
    const ada = await makePerson("Ada", ["administrator"]);
    const name = `db ${newId()}`;
    await connectByHand({ actor: ada, form: formOf(name) });
    expect(await connectByHand({ actor: ada, form: formOf(name) })).toMatchObject({ ok: false, code: "name-taken" });
    expect(await db.system.count({ where: { name } })).toBe(1);
  });

  it("can be said anew, and keeps name and environment", async () => {
    const ada = await makePerson("Ada", ["administrator"]);
    const done = await connectByHand({ actor: ada, form: formOf(`db ${newId()}`) });
    if (!done.ok || done.value.state !== "applied") throw new TypeError("not connected");
    const { systemId } = done.value;
    const { systemId: of, ...form } = reconnectSystemSchema.parse({ ...fields(""), systemId, host: "other.example.com" });
    expect(await reconnectByHand({ actor: ada, systemId: of, form })).toMatchObject({ ok: true });
    expect(await db.system.findUniqueOrThrow({ where: { id: systemId } })).toMatchObject({ environment: "production", config: { host: "other.example.com" } });
    expect((await readEventsAbout("system", systemId)).map(({ type }) => type)).toContain("system.connection-changed");
  });
});

it("is not pointed elsewhere by one of two administrators alone", async () => {
  const ada = await makePerson("Ada", ["administrator"]);
  const done = await connectByHand({ actor: ada, form: formOf(`db ${newId()}`) });
  if (!done.ok || done.value.state !== "applied") throw new TypeError("not connected");
  const ben = await makePerson("Ben", ["administrator"]);
  const where = { id: done.value.systemId };
  const { systemId, ...form } = reconnectSystemSchema.parse({ ...fields(""), systemId: where.id, host: "other.example.com" });
  expect(await reconnectByHand({ actor: ada, systemId, form })).toEqual({ ok: true, value: { state: "waiting" } });
  expect(await db.system.findUniqueOrThrow({ where })).toMatchObject({ config: { host: "db.example.com" } });
  const [proposal] = await waiting();
  expect(await decideProposal({ actor: ada, proposalId: proposal?.id ?? "", answer: "confirm" })).toMatchObject({ ok: false, code: "own-proposal" });
  expect(await decideProposal({ actor: ben, proposalId: proposal?.id ?? "", answer: "confirm" })).toMatchObject({ ok: true });
  expect(await db.system.findUniqueOrThrow({ where })).toMatchObject({ config: { host: "other.example.com" } });
});

describe("the form", () => {
  it.each([
    ["no host", { host: "" }, "host"],
    ["a host with a path", { host: "db.example.com/x" }, "host"],
    ["a port that is none", { port: "99999" }, "port"],
    ["a port in words", { port: "many" }, "port"],
    ["an unknown encryption", { sslmode: "maybe" }, "sslmode"],
    ["no account", { user: "" }, "user"],
    ["no password", { password: "" }, "password"],
    ["one account for both", { probeUser: "curfew" }, "probeUser"],
    ["a second account without password", { probePassword: "" }, "probePassword"],
    ["no name", { name: " " }, "name"],
  ])("says at its field what is wrong with %s", (_what, change, field) => {
    const parsed = connectSystemSchema.safeParse({ ...fields("db"), ...change });
    expect(parsed.error?.issues.map(({ path }) => path.join("."))).toContain(field);
  });

  it("needs no second account", () => {
    expect(connectSystemSchema.parse({ ...fields("db"), probeUser: "", probePassword: "" }).secrets.probe).toBeNull();
  });
});
