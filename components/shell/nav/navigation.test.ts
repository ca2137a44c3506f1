import { describe, expect, it } from "vitest";
import { bottomPlaces } from "@/components/shell/nav/navigation";
import { roles } from "@/lib/auth/permissions";

const bar = (...held: Parameters<typeof bottomPlaces>[0]) => bottomPlaces(held).map(({ label }) => label);

describe("the bar of a narrow screen", () => {
  it("shows the overview and what a role needs most", () => {
    expect(bar("owner")).toEqual(["Overview", "Reviews", "Identities", "Requests"]);
    expect(bar("approver")).toEqual(["Overview", "Approvals", "Requests", "Sessions"]);
    expect(bar("auditor")).toEqual(["Overview", "Evidence", "Findings", "Identities"]);
    expect(bar("administrator")).toEqual(["Overview", "Systems", "Sessions", "People"]);
  });

  it("takes turns where somebody has several roles, the most urgent one first", () => {
    expect(bar("owner", "approver")).toEqual(["Overview", "Approvals", "Reviews", "Requests"]);
  });

  it("is never empty for a role, and shows nothing to nobody", () => {
    for (const role of roles) expect(bar(role)).toHaveLength(4);
    expect(bar()).toEqual([]);
  });
});
