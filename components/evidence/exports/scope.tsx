"use client";

import { useListUrl } from "@/components/data-table/use-list-url";
import { filterNames } from "../words";
import styles from "./exports.module.css";

type Preset = { readonly label: string; readonly changes: Readonly<Record<string, string>> };

const questions: readonly Preset[] = [
  { label: "Everything", changes: {} },
  { label: "Ends that are not proven", changes: { unproven: "yes" } },
  { label: "Denied, lapsed or refused", changes: { state: "denied,lapsed,refused" } },
  { label: "High and critical", changes: { sensitivity: "high,critical" } },
  { label: "Ended because policy said no", changes: { reason: "context-changed" } },
  { label: "Closed by force", changes: { grant: "forced" } },
];

const day = (at: Date) => at.toISOString().slice(0, 10);

function quarter(year: number, number: number): Preset {
  const from = new Date(Date.UTC(year, number * 3, 1));
  const to = new Date(Date.UTC(year, number * 3 + 3, 0));
  return { label: `Q${((number % 4) + 4) % 4 + 1} ${from.getUTCFullYear()}`, changes: { from: day(from), to: day(to) } };
}

function periodsAt(today: string): readonly Preset[] {
  const now = new Date(`${today}T00:00:00Z`);
  const year = now.getUTCFullYear();
  const current = Math.floor(now.getUTCMonth() / 3);
  return [quarter(year, current), quarter(year, current - 1), { label: String(year), changes: { from: `${year}-01-01`, to: `${year}-12-31` } }, { label: "All time", changes: { from: "", to: "" } }];
}

type ScopeProps = { filter: Readonly<Record<string, string>>; today: string };

/** Periods and questions that are asked often, one click each; the filters beside them say what was chosen. */
export function Scope({ filter, today }: ScopeProps) {
  const url = useListUrl();
  const own = { ...filter };
  delete own["from"];
  delete own["to"];
  const none = Object.fromEntries(filterNames.filter((key) => key !== "from" && key !== "to").map((key) => [key, null]));
  const same = (changes: Readonly<Record<string, string>>, of: Readonly<Record<string, string>>) => {
    const wanted = Object.entries(changes).filter(([, value]) => value);
    return wanted.length === Object.keys(of).length && wanted.every(([key, value]) => of[key]?.split(",").sort().join() === value.split(",").sort().join());
  };
  const period = Object.fromEntries(Object.entries(filter).filter(([key]) => key === "from" || key === "to"));
  return (
    <div className={styles.scope}>
      <Presets name="Period" presets={periodsAt(today)} isChosen={(changes) => same(changes, period)} changesOf={({ from, to }) => ({ from: from || null, to: to || null })} url={url} />
      <Presets name="Question" presets={questions} isChosen={(changes) => same(changes, own)} changesOf={(changes) => ({ ...none, ...changes })} url={url} />
    </div>
  );
}

type PresetsProps = {
  name: string;
  presets: readonly Preset[];
  isChosen: (changes: Preset["changes"]) => boolean;
  changesOf: (changes: Preset["changes"]) => Record<string, string | null>;
  url: ReturnType<typeof useListUrl>;
};

function Presets({ name, presets, isChosen, changesOf, url }: PresetsProps) {
  return (
    <div className={styles.presets} role="group" aria-label={name}>
      <span className={styles.presetsName}>{name}</span>
      {presets.map(({ label, changes }) => (
        <a key={label} href={url.hrefWith(changesOf(changes))} onClick={url.follow(changesOf(changes))} className={styles.preset} aria-current={isChosen(changes) ? "true" : undefined}>
          {label}
        </a>
      ))}
    </div>
  );
}
