"use client";

import { IconChevronDown, IconFilter } from "@tabler/icons-react";
import { useState } from "react";
import { useFetched } from "@/components/ui/form/use-fetched";
import menu from "@/components/ui/overlay/menu.module.css";
import { Popover } from "@/components/ui/overlay/popover";
import { formatCapped } from "@/lib/platform/format";
import styles from "../table-tools.module.css";
import { type ListUrl, wordsOf } from "../use-list-url";
import { facetAddress, type FacetValue } from "./facets";
import own from "./filters.module.css";

/** A filter on one column: any of the chosen words. */
export type TableFilter = {
  /** Its parameter in the URL. */
  readonly key: string;
  readonly label: string;
  /** Its words, where they are known beforehand. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** How a word is said that the options do not name. */
  readonly say?: (value: string) => string;
  /** Asked for rarely: stands behind "More filters". */
  readonly isMinor?: boolean;
};

/** How one word of a filter is said. */
export function sayWord(filter: TableFilter, value: string): string {
  return filter.options?.find((option) => option.value === value)?.label ?? filter.say?.(value) ?? value;
}

/** The words with one taken off or put on. */
export function toggled(words: readonly string[], word: string): string | null {
  const next = words.includes(word) ? words.filter((other) => other !== word) : [...words, word];
  return next.length > 0 ? next.join(",") : null;
}

type FilterProps = { filter: TableFilter; url: ListUrl; facets: string | undefined };

function Label({ text, chosen }: { text: string; chosen: number }) {
  return (
    <>
      {text}
      {chosen > 0 ? <span className={styles.count}>{chosen}</span> : null}
    </>
  );
}

/** The menu of one filter. */
export function FilterMenu(props: FilterProps) {
  const { filter, url } = props;
  const label = (
    <>
      <Label text={filter.label} chosen={wordsOf(url.current, filter.key).length} />
      <IconChevronDown size={14} aria-hidden className={styles.chevron} />
    </>
  );
  return (
    <Popover label={label}>
      <FilterOptions {...props} />
    </Popover>
  );
}

/** The filters that are asked for rarely, behind one button. */
export function MoreFilters({ filters, ...props }: Omit<FilterProps, "filter"> & { filters: readonly TableFilter[] }) {
  if (filters.length === 0) return null;
  const chosen = filters.reduce((sum, { key }) => sum + wordsOf(props.url.current, key).length, 0);
  const label = (
    <>
      <IconFilter size={14} aria-hidden />
      <Label text="More" chosen={chosen} />
    </>
  );
  return (
    <Popover label={label} name="More filters">
      {filters.map((filter) => (
        <MoreFilter key={filter.key} filter={filter} {...props} />
      ))}
    </Popover>
  );
}

function MoreFilter(props: FilterProps) {
  const chosen = wordsOf(props.url.current, props.filter.key).length;
  const [isOpen, setOpen] = useState(chosen > 0);
  return (
    <details className={own.more} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={menu.item}>
        <Label text={props.filter.label} chosen={chosen} />
      </summary>
      {isOpen ? <FilterOptions {...props} /> : null}
    </details>
  );
}

const manyOptions = 12;
const restMilliseconds = 150;

type Option = { readonly value: string; readonly label: string; readonly count: string | null };

function optionsOf(filter: TableFilter, values: readonly FacetValue[] | null, chosen: readonly string[]): Option[] {
  const counts = new Map(values?.map(({ value, count }) => [value, formatCapped(count)]));
  const labelOf = (value: string, label: string | null) => label ?? sayWord(filter, value);
  if (filter.options) return filter.options.map(({ value, label }) => ({ value, label, count: values === null ? null : (counts.get(value) ?? "0") }));
  const found = (values ?? []).map(({ value, label }) => ({ value, label: labelOf(value, label), count: counts.get(value) ?? null }));
  const gone = chosen.filter((value) => !counts.has(value)).map((value) => ({ value, label: labelOf(value, null), count: values === null ? null : "0" }));
  return [...gone, ...found];
}

/** Counts come once the menu is open; until then the words that are known stand there, so that nothing moves. */
function FilterOptions({ filter, url, facets }: FilterProps) {
  const [search, setSearch] = useState("");
  const address = facets === undefined ? null : facetAddress(facets, url.current, { dimension: filter.key, search });
  const { value: values, failed } = useFetched<readonly FacetValue[]>(address, { restMs: search === "" ? 0 : restMilliseconds });
  const chosen = wordsOf(url.current, filter.key);
  const options = optionsOf(filter, values, chosen);
  const hasSearch = !filter.options && (search !== "" || options.length > manyOptions);
  return (
    <fieldset className={styles.options}>
      <legend className="visually-hidden">{filter.label}</legend>
      {hasSearch ? (
        <input
          type="search"
          className={own.search}
          aria-label={`Find in ${filter.label.toLowerCase()}`}
          placeholder="Find"
          value={search}
          maxLength={100}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      ) : null}
      {options.map((option) => (
        <label key={option.value} className={menu.item}>
          <input type="checkbox" checked={chosen.includes(option.value)} onChange={() => url.go({ [filter.key]: toggled(chosen, option.value) })} />
          <span className={own.word}>{option.label}</span>
          {facets === undefined ? null : <span className={own.number}>{option.count ?? ""}</span>}
        </label>
      ))}
      {options.length === 0 ? <p className={own.none}>{failed ? "Could not be counted" : values === null ? "Counting…" : "Nothing to choose from"}</p> : null}
    </fieldset>
  );
}
