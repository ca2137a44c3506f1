import { describe, expect, it } from "vitest";
import { type Annotations, parseDuration, parseStages, problemsOfForbid, readObligations, readReason } from "./annotations";

const base: Annotations = { reason: "Because", stages: "resource-owner:1" };

describe("parseDuration", () => {
  it.each([
    ["8h", 28_800],
    ["15m", 900],
    ["90s", 90],
    ["2d", 172_800],
    ["1h30m", 5_400],
    [" 1d12h ", 129_600],
  ])("reads %j", (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(["", " ", "0h", "h", "8", "-8h", "8 h", "8H", "1.5h", "30m1h", "8h8h", "1e3s", "99999999999s", "8h;", "٨h", "PT8H"])("does not read %j", (text) =>
    expect(parseDuration(text)).toBeNull(),
  );
});

describe("parseStages", () => {
  it.each([
    ["none", []],
    [" none ", []],
    ["resource-owner:1", [{ source: "resource-owner", needed: 1 }]],
    [
      "resource-owner:1, team:Security:2",
      [
        { source: "resource-owner", needed: 1 },
        { source: "team:Security", needed: 2 },
      ],
    ],
    ["team:Data & Platform:1", [{ source: "team:Data & Platform", needed: 1 }]],
    ["team: Security : 2", [{ source: "team:Security", needed: 2 }]],
    ["role:approver:3", [{ source: "role:approver", needed: 3 }]],
    ["on-call:Platform:1", [{ source: "on-call:Platform", needed: 1 }]],
    ["person:ann.lee@example.com:1", [{ source: "person:ann.lee@example.com", needed: 1 }]],
    ["identity-owner | team:Security : 1", [{ source: "identity-owner|team:Security", needed: 1 }]],
    [
      "resource-owner:1 || team:Security:1, identity-sponsor:1",
      [
        { source: "resource-owner", needed: 1 },
        { source: "team:Security", needed: 1, beside: true },
        { source: "identity-sponsor", needed: 1 },
      ],
    ],
    [
      "resource-owner:1 within 4h remind after 2h escalate to role:owner|on-call:Data",
      [{ source: "resource-owner", needed: 1, withinSeconds: 14_400, remindAfterSeconds: 7_200, escalateTo: "role:owner|on-call:Data" }],
    ],
    ["team:Data & Platform:1 within 30m", [{ source: "team:Data & Platform", needed: 1, withinSeconds: 1_800 }]],
  ])("reads %j", (text, stages) => expect(parseStages(text)).toEqual(stages));

  it.each([
    "",
    "None",
    "none, resource-owner:1",
    "resource-owner",
    "resource-owner:0",
    "resource-owner:-1",
    "resource-owner:1.5",
    "resource-owner:21",
    "resource-owner:1,",
    "resource-owner:1; team:Security:1",
    "resource-owner:1, resource-owner:2",
    "owner:1",
    "team::1",
    "team:1",
    "team:a:b:1",
    "role:auditor:1",
    "role:requester:1",
    "role:root:1",
    "role:__proto__:1",
    "resource-owner:1 within 30s",
    "resource-owner:1 within soon",
    "resource-owner:1 within 1h remind after 1h",
    "resource-owner:1 remind after 1h",
    "resource-owner:1 within 1h escalate to resource-owner",
    "resource-owner:1 within 1h escalate to role:root",
    "resource-owner:1 ||",
    "|| resource-owner:1",
    "team:A|team:A:1",
    "resource-owner:1 || resource-owner:1",
    "on-call::1",
    "person:1",
    Array.from({ length: 9 }, (_, index) => `team:t${index}:1`).join(","),
  ])("does not read %j", (text) => expect(parseStages(text)).toBeNull());
});

describe("readObligations", () => {
  it("reads all of them", () => {
    const annotations: Annotations = {
      ...base,
      id: "x",
      stages: "resource-owner:1, team:Security:2",
      max_duration: "8h",
      max_uses: "50",
      idle: "15m",
      ticket: "required",
      purpose: "incident, backfill,incident",
      step_up: null,
      dual_control: "",
    };
    expect(readObligations(annotations)).toEqual({
      ok: true,
      value: {
        stages: [
          { source: "resource-owner", needed: 1 },
          { source: "team:Security", needed: 2 },
        ],
        maxDurationSeconds: 28_800,
        maxUses: 50,
        idleSeconds: 900,
        ticketRequired: true,
        purposes: ["backfill", "incident"],
        stepUp: true,
        dualControl: true,
      },
    });
  });

  it("leaves open what is not annotated", () => {
    expect(readObligations(base)).toMatchObject({
      ok: true,
      value: { maxDurationSeconds: null, maxUses: null, idleSeconds: null, ticketRequired: false, purposes: null, stepUp: false, dualControl: false },
    });
  });

  it("never takes a permit without @stages for an approval", () => {
    expect(readObligations({ reason: "Because" })).toEqual({ ok: false, problems: [expect.stringContaining("@stages")] });
  });

  it.each<[string, Annotations]>([
    ["@stages without a value", { stages: null }],
    ["an empty @stages", { stages: "" }],
    ["@max_duration", { max_duration: "eight hours" }],
    ["@max_duration without a value", { max_duration: null }],
    ["@max_uses", { max_uses: "many" }],
    ["@max_uses of zero", { max_uses: "0" }],
    ["@idle", { idle: "soon" }],
    ["@ticket", { ticket: "yes" }],
    ["@ticket without a value", { ticket: null }],
    ["@purpose", { purpose: "" }],
    ["@purpose with a gap", { purpose: "a,,b" }],
    ["@step_up with a value", { step_up: "no" }],
    ["@dual_control with a value", { dual_control: "false" }],
    ["@dual_control without anybody to ask", { stages: "none", dual_control: null }],
    ["a misspelt obligation", { max_durations: "8h" }],
    ["an obligation in other letters", { Ticket: "required" }],
  ])("reports %s", (_name, changes) => {
    expect(readObligations({ ...base, ...changes })).toMatchObject({ ok: false, problems: [expect.any(String)] });
  });

  it("makes two approvals of one for dual control, and leaves more than one alone", () => {
    const stagesOf = (stages: string) => {
      const reading = readObligations({ ...base, stages, dual_control: null });
      return reading.ok ? reading.value.stages.map((stage) => stage.needed) : null;
    };
    expect(stagesOf("resource-owner:1")).toEqual([2]);
    expect(stagesOf("resource-owner:3")).toEqual([3]);
    expect(stagesOf("resource-owner:1, team:Security:1")).toEqual([1, 1]);
  });
});

describe("problemsOfForbid", () => {
  it("reports obligations, which a refusal cannot keep", () => {
    expect(problemsOfForbid({ reason: "No", stages: "none", max_duration: "1h" })).toHaveLength(2);
    expect(problemsOfForbid({ reason: "No", resaon: "No" })).toHaveLength(1);
    expect(problemsOfForbid({ reason: "No", id: "x" })).toEqual([]);
  });
});

describe("readReason", () => {
  it.each<[Annotations, string | null]>([
    [{ reason: " Because " }, "Because"],
    [{}, null],
    [{ reason: null }, null],
    [{ reason: "" }, null],
    [{ reason: "two\nlines" }, null],
    [{ reason: "x".repeat(241) }, null],
  ])("reads %j", (annotations, reason) => expect(readReason(annotations)).toBe(reason));
});
