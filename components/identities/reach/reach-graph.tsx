"use client";

import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import type { Route } from "next";
import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { Button } from "@/components/ui/form/button";
import type { ReachView } from "@/lib/identities/views/detail-types";
import { groupOf, layoutReach, neighbour, nodeHeight, type PlacedNode } from "./layout";
import styles from "./reach.module.css";

const zooms = [0.5, 0.65, 0.8, 1, 1.25] as const;

type ReachGraphProps = { reach: ReachView; maySeeSystems: boolean; onRow: (id: string) => void };

/** The graph: one stop in the page's tab order, walked inside by arrow keys. Enter opens what it stands on. */
export function ReachGraph({ reach, maySeeSystems, onRow }: ReachGraphProps) {
  const router = useRouter();
  const hintId = useId();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [zoom, setZoom] = useState(3);
  const [current, setCurrent] = useState("identity");
  const buttons = useRef(new Map<string, HTMLButtonElement>());
  const layout = useMemo(() => layoutReach(reach, open), [reach, open]);
  const scale = zooms[zoom] ?? 1;
  const focused = layout.nodes.some(({ id }) => id === current) ? current : "identity";

  function toggle(ids: readonly string[]) {
    const isOpen = ids.every((id) => open.has(id));
    const next = new Set(open);
    for (const id of ids) if (isOpen) next.delete(id); else next.add(id);
    setOpen(next);
  }

  function enter(node: PlacedNode) {
    setCurrent(node.id);
    switch (node.kind) {
      case "identity":
        return toggle([...new Set(reach.nodes.map(groupOf))]);
      case "group":
        return toggle([node.id]);
      case "entitlement":
        return onRow(node.id);
      case "system":
        if (maySeeSystems) return router.push(`/systems/${node.systemId ?? ""}` as Route);
        return onRow(reach.nodes.find(({ systemId }) => systemId === node.systemId)?.id ?? "");
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(layout, focused, event.key);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    setCurrent(next);
    buttons.current.get(next)?.focus();
  }

  return (
    <>
      <p id={hintId} className="visually-hidden">
        Arrow keys walk along the lines. Enter opens a group, an entitlement&apos;s row or a system.
      </p>
      <div className={styles.frame} role="group" aria-label={`Graph of what ${reach.identity} reaches`} aria-describedby={hintId}>
        <div className={styles.sheet} style={{ width: layout.width * scale, height: layout.height * scale }}>
          <div className={styles.canvas} style={{ width: layout.width, height: layout.height, transform: `scale(${scale})` }}>
            <svg width={layout.width} height={layout.height} aria-hidden className={styles.lines}>
              {layout.edges.map(({ id, path, use }) => (
                <path key={id} d={path} className={styles.line} data-use={use} />
              ))}
            </svg>
            {layout.nodes.map((node) => (
              <button
                key={node.id}
                ref={(element) => {
                  if (element) buttons.current.set(node.id, element);
                  else buttons.current.delete(node.id);
                }}
                type="button"
                tabIndex={node.id === focused ? 0 : -1}
                className={styles.node}
                data-kind={node.kind}
                data-use={node.use ?? undefined}
                data-level={node.sensitivity ?? undefined}
                aria-label={`${node.label}, ${node.says}`}
                aria-expanded={node.isOpen ?? undefined}
                title={`${node.label}, ${node.says}`}
                style={{ left: node.x, top: node.y, width: node.width, height: nodeHeight }}
                onClick={() => enter(node)}
                onKeyDown={onKeyDown}
                onFocus={() => setCurrent(node.id)}
              >
                {node.isOpen === null ? null : node.isOpen ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
                <span className={styles.label}>{node.label}</span>
              </button>
            ))}
          </div>
        </div>
      </div>
      <div className={styles.zoom} role="group" aria-label="Size of the graph">
        <Button size="small" onClick={() => setZoom(Math.max(0, zoom - 1))} disabled={zoom === 0}>
          Smaller
        </Button>
        <Button size="small" onClick={() => setZoom(Math.min(zooms.length - 1, zoom + 1))} disabled={zoom === zooms.length - 1}>
          Larger
        </Button>
      </div>
    </>
  );
}
