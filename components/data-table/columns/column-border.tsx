"use client";

import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import type { ColumnState, Widths } from "./use-columns";
import styles from "./columns.module.css";

const narrowest = 56;
const step = 16;

/** Widths of all shown columns as they stand now, and of the two that share a border. */
function measure(border: HTMLElement) {
  const cells = [...(border.closest("tr")?.querySelectorAll<HTMLElement>("th[data-column]") ?? [])].filter((cell) => cell.offsetWidth > 0);
  const index = cells.findIndex((cell) => cell.contains(border));
  const widths: Widths = Object.fromEntries(cells.map((cell) => [cell.dataset["column"] ?? "", cell.offsetWidth]));
  const [left, right] = [cells[index]?.dataset["column"], cells[index + 1]?.dataset["column"]];
  return left === undefined || right === undefined ? null : { widths, left, right };
}

type Measured = NonNullable<ReturnType<typeof measure>>;

/** One column grows by what its neighbour gives: the table stays as wide as it is. */
function moved({ widths, left, right }: Measured, by: number): Widths {
  const from = widths[left] ?? narrowest;
  const to = widths[right] ?? narrowest;
  const most = Math.max(0, to - narrowest);
  const least = Math.min(0, narrowest - from);
  const change = Math.round(Math.min(most, Math.max(least, by)));
  return { ...widths, [left]: from + change, [right]: to - change };
}

type ColumnBorderProps = { label: string; id: string; columns: ColumnState };

/** The border behind a column: drawn with the pointer, moved with the arrow keys, back to the design with a double click or Home. */
export function ColumnBorder({ label, id, columns }: ColumnBorderProps) {
  const drawing = useRef<{ startX: number; measured: Measured; last: Widths } | null>(null);

  function onPointerDown(event: PointerEvent<HTMLElement>) {
    const measured = measure(event.currentTarget);
    if (!measured || event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = { startX: event.clientX, measured, last: measured.widths };
  }

  function onPointerMove(event: PointerEvent<HTMLElement>) {
    const { current } = drawing;
    if (!current) return;
    current.last = moved(current.measured, event.clientX - current.startX);
    columns.draw(current.last);
  }

  function onPointerUp() {
    if (drawing.current) columns.keep(drawing.current.last);
    drawing.current = null;
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const by = { ArrowLeft: -step, ArrowRight: step }[event.key];
    if (event.key === "Home") columns.keep({});
    const measured = by === undefined ? null : measure(event.currentTarget);
    if (measured && by !== undefined) columns.keep(moved(measured, by));
    if (by !== undefined || event.key === "Home") event.preventDefault();
  }

  return (
    // A separator that can be focused and moved is a control (WAI-ARIA 1.2, "separator").
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <span
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${label}`}
      aria-valuenow={columns.widths[id] ?? 0}
      aria-valuetext={columns.widths[id] === undefined ? "as designed" : `${columns.widths[id]} pixels`}
      aria-valuemin={0}
      aria-valuemax={2_000}
       
      tabIndex={0}
      className={styles.border}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onDoubleClick={() => columns.keep({})}
      onKeyDown={onKeyDown}
    />
  );
}
