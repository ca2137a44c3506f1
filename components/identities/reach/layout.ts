import type { ReachNode, ReachUse, ReachView } from "@/lib/identities/views/detail-types";

/** A node with its place. Columns: 0 the identity, 1 groups and entitlements, 2 systems. */
export type PlacedNode = {
  readonly id: string;
  readonly kind: "identity" | "group" | "entitlement" | "system";
  readonly column: 0 | 1 | 2;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly label: string;
  /** What is said after the name, for those who hear the graph. */
  readonly says: string;
  readonly use: ReachUse | null;
  readonly sensitivity: ReachNode["sensitivity"] | null;
  /** Of a group: whether its members are shown. */
  readonly isOpen: boolean | null;
  readonly systemId: string | null;
  /** Members of a group stand a little to the right. */
  readonly isMember: boolean;
};

export type PlacedEdge = { readonly id: string; readonly from: string; readonly to: string; readonly path: string; readonly use: ReachUse };
export type ReachLayout = { readonly nodes: readonly PlacedNode[]; readonly edges: readonly PlacedEdge[]; readonly width: number; readonly height: number };

/** What a state of use is called, everywhere in the reach. */
export const useWords = {
  used: "used",
  unused: "held and not used",
  unseen: "held; use cannot be seen",
  gone: "used earlier, gone now",
} as const satisfies Record<ReachUse, string>;

export const nodeHeight = 30;
const rowHeight = 38;
const systemGap = 22;
const columns = [
  { x: 0, width: 176 },
  { x: 256, width: 280 },
  { x: 616, width: 184 },
] as const;
const indent = 20;
/** With no more than this, every entitlement stands alone. */
const fewNodes = 20;
/** A group of this many is shown as its members. */
const fewMembers = 3;
const strongest: readonly ReachUse[] = ["used", "unused", "unseen", "gone"];

/** The group that an entitlement belongs to: what is equally sensitive on one system. */
export function groupOf(node: Pick<ReachNode, "systemId" | "sensitivity">): string {
  return `group:${node.systemId}:${node.sensitivity}`;
}

type Item = { readonly node: Omit<PlacedNode, "x" | "y" | "width" | "column">; readonly isJoined: boolean };

/**
 * Places what an identity reaches in three layers, identity → entitlements → systems. Many entitlements of one sensitivity on
 * one system are one node that opens, so that five hundred stay readable. Pure: the same input is the same picture.
 */
export function layoutReach(reach: ReachView, open: ReadonlySet<string>): ReachLayout {
  const nodes: PlacedNode[] = [];
  const edges: PlacedEdge[] = [];
  let y = 0;
  for (const [systemId, members] of bySystem(reach.nodes)) {
    const start = y;
    const placed: PlacedNode[] = [];
    for (const { node, isJoined } of itemsOf(members, reach.nodes.length, open)) {
      const x = columns[1].x + (node.isMember ? indent : 0);
      const at: PlacedNode = { ...node, column: 1, x, y, width: columns[1].width - (node.isMember ? indent : 0) };
      nodes.push(at);
      if (isJoined) placed.push(at);
      y += rowHeight;
    }
    const system = systemNode(systemId, members, (start + y - rowHeight) / 2);
    nodes.push(system);
    for (const node of placed) edges.push(edge(node, system, node.use ?? "unseen"));
    y += systemGap;
  }
  const height = Math.max(nodeHeight, y - systemGap - (rowHeight - nodeHeight));
  // High up in a tall graph, so that it is seen without scrolling.
  const identity = identityNode(reach, Math.min((height - nodeHeight) / 2, 200));
  for (const node of nodes.filter(({ kind, isMember, isOpen }) => (kind === "entitlement" && !isMember) || kind === "group" || (isMember && isOpen !== null))) {
    edges.push(edge(identity, node, node.use ?? "unseen"));
  }
  return { nodes: [identity, ...nodes], edges, width: columns[2].x + columns[2].width, height };
}

function bySystem(nodes: readonly ReachNode[]): [string, ReachNode[]][] {
  const systems = new Map<string, ReachNode[]>();
  for (const node of nodes) systems.set(node.systemId, [...(systems.get(node.systemId) ?? []), node]);
  return [...systems].sort(([, left], [, right]) => (left[0]?.system ?? "").localeCompare(right[0]?.system ?? ""));
}

function itemsOf(members: readonly ReachNode[], total: number, open: ReadonlySet<string>): Item[] {
  const groups = new Map<string, ReachNode[]>();
  for (const member of members) groups.set(groupOf(member), [...(groups.get(groupOf(member)) ?? []), member]);
  return [...groups].flatMap(([id, group]): Item[] => {
    if (total <= fewNodes || group.length <= fewMembers) return group.map((member) => ({ node: entitlementNode(member, false), isJoined: true }));
    const isOpen = open.has(id);
    const head = { node: groupNode(id, group, isOpen), isJoined: !isOpen };
    return isOpen ? [head, ...group.map((member) => ({ node: entitlementNode(member, true), isJoined: true }))] : [head];
  });
}

function entitlementNode(member: ReachNode, isMember: boolean): Item["node"] {
  const held = member.kind === "granted" ? "granted" : member.hasException ? "standing by exception" : "standing";
  const says = [member.sensitivity, useWords[member.use], ...(member.use === "gone" ? [] : [held]), `on ${member.system}`].join(", ");
  return { id: member.id, kind: "entitlement", label: member.entitlement, says, use: member.use, sensitivity: member.sensitivity, isOpen: null, systemId: member.systemId, isMember };
}

function groupNode(id: string, group: readonly ReachNode[], isOpen: boolean): Item["node"] {
  const counted = strongest.flatMap((use) => {
    const count = group.filter((member) => member.use === use).length;
    return count > 0 ? [`${count} ${use === "unseen" ? "not observable" : use}`] : [];
  });
  const [first] = group;
  const use = strongest.find((candidate) => group.some((member) => member.use === candidate)) ?? "unseen";
  const label = `${group.length} ${first?.sensitivity ?? ""}`;
  return { id, kind: "group", label: `${label} · ${counted.join(", ")}`, says: `on ${first?.system ?? "a system"}`, use, sensitivity: first?.sensitivity ?? null, isOpen, systemId: first?.systemId ?? null, isMember: false };
}

function systemNode(systemId: string, members: readonly ReachNode[], y: number): PlacedNode {
  const says = `system, ${members.length} of its entitlements`;
  return { id: `system:${systemId}`, kind: "system", column: 2, x: columns[2].x, y, width: columns[2].width, label: members[0]?.system ?? "", says, use: null, sensitivity: null, isOpen: null, systemId, isMember: false };
}

function identityNode({ identity, nodes }: ReachView, y: number): PlacedNode {
  const systems = new Set(nodes.map(({ systemId }) => systemId)).size;
  const says = `reaches ${nodes.length} entitlements on ${systems} ${systems === 1 ? "system" : "systems"}`;
  return { id: "identity", kind: "identity", column: 0, x: columns[0].x, y, width: columns[0].width, label: identity, says, use: null, sensitivity: null, isOpen: null, systemId: null, isMember: false };
}

function edge(from: PlacedNode, to: PlacedNode, use: ReachUse): PlacedEdge {
  const [x1, y1] = [from.x + from.width, from.y + nodeHeight / 2];
  const [x2, y2] = [to.x, to.y + nodeHeight / 2];
  const bend = (x2 - x1) / 2;
  return { id: `${from.id}>${to.id}`, from: from.id, to: to.id, path: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, use };
}

/** Where an arrow key leads from a node; null where there is nothing that way. */
export function neighbour(layout: ReachLayout, from: string, key: string): string | null {
  const current = layout.nodes.find(({ id }) => id === from);
  if (!current) return layout.nodes[0]?.id ?? null;
  const column = (wanted: number) => layout.nodes.filter((node) => node.column === wanted).sort((left, right) => left.y - right.y);
  const same = column(current.column);
  const place = same.findIndex(({ id }) => id === from);
  switch (key) {
    case "ArrowDown":
      return same[place + 1]?.id ?? null;
    case "ArrowUp":
      return same[place - 1]?.id ?? null;
    case "Home":
      return same[0]?.id ?? null;
    case "End":
      return same.at(-1)?.id ?? null;
    case "ArrowRight":
    case "ArrowLeft":
      return sideways(layout, current, column(current.column + (key === "ArrowRight" ? 1 : -1)));
    default:
      return null;
  }
}

/** What is joined by a line first; else what stands at the same height. */
function sideways({ edges }: ReachLayout, from: PlacedNode, candidates: readonly PlacedNode[]): string | null {
  const joined = edges.flatMap((line) => (line.from === from.id ? [line.to] : line.to === from.id ? [line.from] : []));
  const first = candidates.find(({ id }) => joined.includes(id));
  const nearest = [...candidates].sort((left, right) => Math.abs(left.y - from.y) - Math.abs(right.y - from.y))[0];
  return (first ?? nearest)?.id ?? null;
}
