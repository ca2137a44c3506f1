import { describe, expect, it } from "vitest";
import { controlsOf, findingKinds } from "@/lib/findings/rules";
import { catalogues, cataloguesMatching, controlOfSlug, controlsCalled, featureWords, slugOf } from "./rules";
import { featureKeys } from "./types";

const all = catalogues.flatMap((catalogue) => catalogue.controls.map((control) => ({ catalogue, control })));
const called = (written: string) => controlsCalled(written).map(({ control }) => control.id);

describe("controls", () => {
  it("have an address each that leads back", () => {
    const slugs = all.map(({ catalogue, control }) => slugOf(catalogue.key, control.id));
    expect(new Set(slugs).size).toBe(all.length);
    for (const { catalogue, control } of all) expect(controlOfSlug(slugOf(catalogue.key, control.id))?.control).toBe(control);
    expect(slugs.every((slug) => /^[a-z0-9-]+$/.test(slug))).toBe(true);
    expect(controlOfSlug("csf-none")).toBeNull();
  });

  it.each([
    ["NHI-03", ["NHI3:2025"]],
    ["nhi3:2025", ["NHI3:2025"]],
    ["PR.AC-4", ["PR.AA-05"]],
    ["ac-2.3", ["AC-2(3)"]],
    ["AC-2 (3)", ["AC-2(3)"]],
    ["AC-2", ["AC-2"]],
    ["8.6.1", ["8.6.1"]],
    ["", []],
    ["nothing", []],
  ])("called %j are %j", (written, ids) => {
    expect(called(written)).toEqual(ids);
  });

  it("are found by a word of their label", () => {
    expect(cataloguesMatching("clocks agree").flatMap(({ controls }) => controls.map(({ id }) => id))).toEqual(["A.8.17", "10.6.1"]);
    expect(cataloguesMatching("")).toHaveLength(catalogues.length);
    expect(cataloguesMatching("zzz")).toEqual([]);
  });

  it("are there for everything that a finding speaks to", () => {
    const ids = new Set(all.map(({ control }) => control.id));
    const missing = findingKinds.flatMap((kind) => controlsOf(kind).filter((id) => !ids.has(id)).map((id) => `${kind}: ${id}`));
    expect(missing).toEqual([]);
  });

  it("are never said to be met", () => {
    const said = [...all.flatMap(({ control }) => [control.label]), ...featureKeys.flatMap((key) => Object.values(featureWords[key]))].join(" ");
    expect(said).not.toMatch(/complian|fulfil|satisf|certif/i);
  });
});
