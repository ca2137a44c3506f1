"use client";

import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

const text = { fill: "var(--ink-2)", fontSize: 12 };

/** One bar: what stands under it, what is said about it, and how high it is. */
export type DrawnBar = { readonly id: string; readonly label: string; readonly words: string; readonly value: number };

type BarDrawingProps = {
  bars: readonly DrawnBar[];
  label: string;
  color: string;
  onPick?: ((id: string) => void) | undefined;
};

/** The drawing alone; words and table stand around it. */
export function BarDrawing({ bars, label, color, onPick }: BarDrawingProps) {
  const wordsOf = new Map(bars.map(({ id, words }) => [id, words]));
  const labelOf = new Map(bars.map((bar) => [bar.id, bar.label]));
  const pick = onPick ? { onClick: ({ activeLabel }: { activeLabel?: string | number | undefined }) => activeLabel !== undefined && onPick(String(activeLabel)), style: { cursor: "pointer" } } : {};
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={[...bars]} margin={{ top: 4, right: 4, bottom: 0, left: 0 }} accessibilityLayer title={label} {...pick}>
        <XAxis dataKey="id" tickFormatter={(id: unknown) => labelOf.get(String(id)) ?? ""} tick={text} axisLine={{ stroke: "var(--line-strong)" }} tickLine={false} minTickGap={14} />
        <YAxis allowDecimals={false} tick={text} axisLine={false} tickLine={false} width={40} tickCount={3} domain={[0, "auto"]} />
        <Tooltip
          cursor={{ fill: "var(--ground-hover)" }}
          labelFormatter={(id: unknown) => wordsOf.get(String(id)) ?? ""}
          formatter={(value) => [String(value), label.split(",")[0] ?? ""]}
          contentStyle={{ background: "var(--ground-raised)", border: "1px solid var(--line-strong)", borderRadius: 6, color: "var(--ink)" }}
          labelStyle={{ color: "var(--ink-2)" }}
          itemStyle={{ color: "var(--ink)" }}
        />
        <Bar dataKey="value" fill={color} isAnimationActive={false} maxBarSize={28} />
      </BarChart>
    </ResponsiveContainer>
  );
}
