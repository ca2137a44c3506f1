"use client";

import { Area, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { BurndownPoint } from "./burndown";

const text = { fill: "var(--ink-2)", fontSize: 12 };

/** The drawing alone; words and table stand around it. */
export function BurndownChart({ points, label }: { points: readonly BurndownPoint[]; label: string }) {
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart data={[...points]} margin={{ top: 8, right: 72, bottom: 0, left: 0 }} accessibilityLayer title={label}>
        <XAxis dataKey="day" tickFormatter={shortDay} tick={text} axisLine={{ stroke: "var(--line-strong)" }} tickLine={false} minTickGap={28} />
        <YAxis allowDecimals={false} tick={text} axisLine={false} tickLine={false} width={36} domain={[0, "auto"]} />
        <Tooltip
          formatter={(value, name) => [String(value), name === "open" ? "open" : "even pace"]}
          contentStyle={{ background: "var(--ground-raised)", border: "1px solid var(--line-strong)", borderRadius: 6, color: "var(--ink)" }}
          labelStyle={{ color: "var(--ink-2)" }}
          itemStyle={{ color: "var(--ink)" }}
        />
        <Line dataKey="ideal" stroke="var(--ink-3)" strokeDasharray="4 4" dot={false} isAnimationActive={false} label={endLabel(points.length - 1, "even pace")} />
        <Area dataKey="open" type="stepAfter" stroke="var(--accent-fill)" strokeWidth={2} fill="var(--accent-soft)" dot={points.length < 40 ? { r: 2, fill: "var(--accent-fill)" } : false} isAnimationActive={false} label={endLabel(lastKnown(points), "open")} />
      </ComposedChart>
    </ResponsiveContainer>
  );
}

function shortDay(day: unknown): string {
  return typeof day === "string" ? day.slice(5) : "";
}

function lastKnown(points: readonly BurndownPoint[]): number {
  return points.findLastIndex(({ open }) => open !== null);
}

/** A direct label at the last point, instead of a legend. */
function endLabel(at: number, words: string) {
  return function EndLabel({ x, y, index }: { x?: number | string | undefined; y?: number | string | undefined; index?: number | undefined }) {
    if (index !== at) return <g />;
    return (
      <text x={Number(x) + 6} y={Number(y) + (words === "open" ? -4 : 4)} fill="var(--ink-2)" fontSize={12}>
        {words}
      </text>
    );
  };
}
