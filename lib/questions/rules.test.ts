import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFilter } from "@/lib/evidence/schema";
import { findingKinds } from "@/lib/findings/rules";
import { gapKinds } from "@/lib/chains/types";
import { nextRunAt, periodBefore, shippedQuestions } from "./rules";

const at = (text: string) => new Date(`${text}Z`);

describe("shipped questions", () => {
  it("have filters that the evidence understands whole", () => {
    for (const question of shippedQuestions) {
      if (question.on === "evidence") expect(readFilter(question.filter).problems, question.key).toEqual([]);
      else expect(question.kinds.filter((kind) => !findingKinds.some((known) => known === kind)), question.key).toEqual([]);
    }
    expect(new Set(shippedQuestions.map(({ key }) => key)).size).toBe(shippedQuestions.length);
  });

  it("leave no kind of gap unasked", () => {
    const asked = shippedQuestions.flatMap((question) => (question.on === "evidence" ? (question.filter["finding"]?.split(",") ?? []) : []));
    const unproven = shippedQuestions.some((question) => question.on === "evidence" && question.filter["unproven"] === "yes");
    expect(gapKinds.filter((kind) => !asked.includes(kind) && !(kind === "end-unproven" && unproven))).toEqual([]);
  });
});

describe("periods", () => {
  it.each([
    ["daily", "2026-11-22T01:00:00", { from: "2026-11-21", to: "2026-11-21" }],
    ["weekly", "2026-11-22T23:59:59", { from: "2026-11-09", to: "2026-11-15" }],
    ["weekly", "2026-11-23T00:00:00", { from: "2026-11-16", to: "2026-11-22" }],
    ["monthly", "2026-03-31T12:00:00", { from: "2026-02-01", to: "2026-02-28" }],
    ["monthly", "2028-03-01T00:00:00", { from: "2028-02-01", to: "2028-02-29" }],
    ["quarterly", "2026-01-01T00:00:00", { from: "2025-10-01", to: "2025-12-31" }],
    ["quarterly", "2026-12-31T23:59:59", { from: "2026-07-01", to: "2026-09-30" }],
  ] as const)("%s before %s", (schedule, now, period) => {
    expect(periodBefore(schedule, at(now))).toEqual(period);
  });

  it.each([
    ["daily", "2026-11-22T01:59:59", "2026-11-22T02:00:00.000Z"],
    ["daily", "2026-11-22T02:00:00", "2026-11-23T02:00:00.000Z"],
    ["weekly", "2026-11-22T12:00:00", "2026-11-23T02:00:00.000Z"],
    ["monthly", "2026-01-31T12:00:00", "2026-02-01T02:00:00.000Z"],
    ["quarterly", "2026-11-22T12:00:00", "2027-01-01T02:00:00.000Z"],
  ] as const)("%s at %s runs next at %s", (schedule, now, next) => {
    expect(nextRunAt(schedule, at(now))?.toISOString()).toBe(next);
  });

  it("follow each other without gap or overlap, whenever the runs are", () => {
    const days = fc.date({ min: at("2020-01-01T00:00:00"), max: at("2035-01-01T00:00:00"), noInvalidDate: true });
    fc.assert(fc.property(fc.constantFrom("daily", "weekly", "monthly", "quarterly"), days, (schedule, now) => {
      const run = nextRunAt(schedule, now);
      expect(run && run > now).toBe(true);
      if (!run) return;
      const one = periodBefore(schedule, run);
      const next = periodBefore(schedule, nextRunAt(schedule, run) ?? run);
      expect(Date.parse(next.from) - Date.parse(one.to)).toBe(86_400_000);
    }));
  });

  it("is never where nothing is scheduled", () => {
    expect(nextRunAt("never", new Date())).toBeNull();
  });
});
