import { describe, expect, it } from "vitest";
import type { ReachNode, ReachView } from "@/lib/identities/views/detail-types";
import { groupOf, layoutReach, neighbour, nodeHeight } from "./layout";

const sensitivities = ["critical", "high", "medium", "low"] as const;
const uses = ["used", "unused", "unseen", "gone"] as const;

function reach(count: number, systems: number): ReachView {
  const nodes = Array.from({ length: count }, (_, index): ReachNode => ({
    id: `e${index}`, entitlement: `entitlement ${index}`, sensitivity: sensitivities[Math.floor(index / systems) % 4] ?? "low", systemId: `s${index % systems}`, system: `system ${index % systems}`,
    kind: "standing", use: uses[index % 4] ?? "used", hasException: false, lastUsedAt: null,
  }));
  return { identity: "bot", nodes, total: count };
}
const none = new Set<string>();

describe("the reach of an identity", () => {
  it("shows every entitlement alone where there are few, joined to the identity and its system", () => {
    const { nodes, edges } = layoutReach(reach(6, 2), none);
    expect(nodes.map(({ kind }) => kind).sort()).toEqual(["entitlement", "entitlement", "entitlement", "entitlement", "entitlement", "entitlement", "identity", "system", "system"]);
    expect(edges).toHaveLength(12);
  });

  it("stays readable with five hundred: one node for each sensitivity of each system, until it is opened", () => {
    const view = reach(500, 5);
    const closed = layoutReach(view, none);
    expect(closed.nodes).toHaveLength(1 + 5 + 20);
    expect(closed.height).toBeLessThan(1_000);
    const [first] = view.nodes;
    const opened = layoutReach(view, new Set([groupOf(first ?? { systemId: "", sensitivity: "low" })]));
    expect(opened.nodes.filter(({ kind }) => kind === "entitlement")).toHaveLength(25);
  });

  it("puts no two nodes over each other, and ends every line at two nodes that are there", () => {
    for (const open of [none, new Set(reach(500, 5).nodes.map(groupOf))]) {
      const { nodes, edges } = layoutReach(reach(500, 5), open);
      for (const column of [0, 1, 2]) {
        const tops = nodes.filter((node) => node.column === column).map(({ y }) => y).sort((left, right) => left - right);
        tops.slice(1).forEach((top, index) => expect(top - (tops[index] ?? 0)).toBeGreaterThanOrEqual(nodeHeight));
      }
      const ids = new Set(nodes.map(({ id }) => id));
      expect(edges.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
      expect(ids.size).toBe(nodes.length);
    }
  });

  it("draws a group as its strongest use", () => {
    const [group] = layoutReach({ ...reach(40, 1), total: 40 }, none).nodes.filter(({ kind }) => kind === "group");
    expect(group).toMatchObject({ use: "used", isOpen: false });
  });

  it("is nothing but the identity where nothing is reached", () => {
    expect(layoutReach(reach(0, 1), none).nodes.map(({ kind }) => kind)).toEqual(["identity"]);
  });

  it("is walked by arrow keys, along the lines", () => {
    const layout = layoutReach(reach(6, 2), none);
    expect(neighbour(layout, "identity", "ArrowRight")).toBe("e0");
    expect(neighbour(layout, "e0", "ArrowDown")).toBe("e2");
    expect(neighbour(layout, "e0", "ArrowUp")).toBeNull();
    expect(neighbour(layout, "e1", "ArrowRight")).toBe("system:s1");
    expect(neighbour(layout, "system:s1", "ArrowLeft")).toBe("e1");
    expect(neighbour(layout, "e3", "End")).toBe("e5");
    expect(neighbour(layout, "identity", "ArrowLeft")).toBeNull();
  });
});
