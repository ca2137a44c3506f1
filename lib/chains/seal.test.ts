import { describe, expect, it } from "vitest";
import { sealOf, type SealFacts } from "./seal";
import type { SourceFacts } from "./types";

const ended = new Date("2026-07-01T10:00:00.000Z");
const after = (seconds: number) => new Date(ended.getTime() + seconds * 1_000);
const source = (said: Partial<SourceFacts> = {}): SourceFacts => ({ sourceId: "s", name: "server log", kind: "log", watermark: after(60), lagSeconds: 60, ...said });
const facts = (sources: readonly SourceFacts[], said: Partial<SealFacts["grants"][number]> = {}): SealFacts => ({
  requestState: "approved", grants: [{ state: "proven", activatedAt: after(-600), endedAt: ended, sources, ...said }],
});

describe("the seal of a chain", () => {
  it("is complete once every source has passed the end and its own lag", () => {
    expect(sealOf(facts([source()]))).toEqual({ state: "complete", without: null });
    expect(sealOf(facts([source({ watermark: after(59) })]))).toEqual({ state: "open", until: after(60), late: ["server log"] });
  });

  it("waits for the slowest, and names everybody who is late", () => {
    const late = [source({ name: "cloudtrail", watermark: after(0), lagSeconds: 900 }), source({ name: "audit", watermark: after(10) }), source()];
    expect(sealOf(facts(late))).toEqual({ state: "open", until: after(900), late: ["audit", "cloudtrail"] });
  });

  it("cannot be known where a source never says how far it has reported", () => {
    expect(sealOf(facts([source({ watermark: null })]))).toEqual({ state: "unknowable", silent: ["server log"] });
  });

  it.each(["ready", "issuing", "active", "ending", "accepted", "stuck", "not-provable"] as const)("is not asked for while a grant is %s", (state) => {
    expect(sealOf(facts([source()], { state, endedAt: null }))).toEqual({ state: "live" });
  });

  it("says where nothing reports uses at all", () => {
    expect(sealOf(facts([]))).toEqual({ state: "complete", without: "sources" });
  });

  it("needs no source where nothing came to life", () => {
    expect(sealOf(facts([source({ watermark: null })], { state: "lapsed", activatedAt: null }))).toEqual({ state: "complete", without: null });
    expect(sealOf({ requestState: "denied", grants: [] })).toEqual({ state: "complete", without: null });
    expect(sealOf({ requestState: "pending", grants: [] })).toEqual({ state: "live" });
  });
});
