"use client";

import { IconX } from "@tabler/icons-react";
import { useId, useState } from "react";
import { TableSearch } from "@/components/data-table/table-search";
import { type ListUrl, useListUrl } from "@/components/data-table/use-list-url";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import menu from "@/components/ui/overlay/menu.module.css";
import { Popover } from "@/components/ui/overlay/popover";
import type { FilterKey, FilterProblem } from "@/lib/evidence/schema";
import { type Choice, choiceKinds, type EvidenceChoices } from "@/lib/evidence/types";
import { chipText, filterLabels, filterNames, wordChoices, yesNoWords } from "../words";
import styles from "./list.module.css";
import { MenuLabel, Picker } from "./picker";
import { toggled } from "./toggled";

type FilterBarProps = {
  /** What is filtered by, as the server understood it. */
  filter: Readonly<Record<string, string>>;
  chosen: EvidenceChoices;
  problems: readonly FilterProblem[];
};

/** Everything that the evidence can be filtered by, and what it is filtered by now as chips that can be taken off. */
export function FilterBar({ filter, chosen, problems }: FilterBarProps) {
  const url = useListUrl();
  // On narrow screens only: elsewhere all filters are shown anyway.
  const [isOpen, setOpen] = useState(false);
  const menusId = useId();
  return (
    <div className={styles.filters} role="group" aria-label="Filters">
      <div className={styles.bar}>
        <TableSearch placeholder="Number, ticket or id" url={url} />
        <label className={styles.only}>
          <input type="checkbox" checked={filter["unproven"] === "yes"} onChange={(event) => url.go({ unproven: event.currentTarget.checked ? "yes" : null })} />
          {filterLabels.unproven}
        </label>
        <span className={styles.toggle}>
          <Button size="small" aria-expanded={isOpen} aria-controls={menusId} onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Fewer filters" : "More filters"}
          </Button>
        </span>
        <span id={menusId} className={styles.menus} data-open={isOpen || undefined}>
          {(["state", "grant", "reason", "sensitivity", "kind", "finding", "seal", "match"] as const).map((key) => (
            <Words key={key} name={key} filter={filter} url={url} />
          ))}
          {choiceKinds.map((kind) => (
            <Picker key={kind} kind={kind} label={filterLabels[kind]} chosen={chosen[kind]} url={url} />
          ))}
          <Period key={`${filter["from"] ?? ""}~${filter["to"] ?? ""}`} filter={filter} url={url} />
          <Yes filter={filter} url={url} />
          <Demo filter={filter} url={url} />
        </span>
      </div>
      <Chips filter={filter} chosen={chosen} url={url} />
      {problems.length > 0 ? (
        <Banner tone="warning">
          {problems.map(({ field, message }) => `${field in filterLabels ? filterLabels[field as FilterKey] : field}: ${message}`).join(" ")} What the address says there is left out, so
          more is shown than it asks for.
        </Banner>
      ) : null}
    </div>
  );
}

type PartProps = { filter: FilterBarProps["filter"]; url: ListUrl };

function Words({ name, filter, url }: PartProps & { name: keyof typeof wordChoices }) {
  const values = filter[name]?.split(",") ?? [];
  const choices: readonly Choice[] = wordChoices[name];
  return (
    <Popover label={<MenuLabel label={filterLabels[name]} count={values.length} />}>
      <fieldset className={styles.options}>
        <legend className="visually-hidden">{filterLabels[name]}</legend>
        {choices.map(({ value, label }) => (
          <label key={value} className={menu.item}>
            <input type="checkbox" checked={values.includes(value)} onChange={() => url.go({ [name]: toggled(values, value) })} />
            {label}
          </label>
        ))}
      </fieldset>
    </Popover>
  );
}

function Demo({ filter, url }: PartProps) {
  const value = filter["demo"] ?? "";
  const options = [["", "with demo data"], ["no", "without demo data"], ["yes", "only demo data"]] as const;
  return (
    <Popover label={<MenuLabel label={filterLabels.demo} count={value ? 1 : 0} />}>
      <fieldset className={styles.options}>
        <legend className="visually-hidden">{filterLabels.demo}</legend>
        {options.map(([option, label]) => (
          <label key={option} className={menu.item}>
            <input type="radio" name="demo" checked={value === option} onChange={() => url.go({ demo: option || null })} />
            {label}
          </label>
        ))}
      </fieldset>
    </Popover>
  );
}

/** What is so or not so, each with its own words: a ticket, an emergency, a passkey. */
function Yes({ filter, url }: PartProps) {
  const keys = Object.keys(yesNoWords) as (keyof typeof yesNoWords)[];
  return (
    <Popover label={<MenuLabel label="Allowed how" count={keys.filter((key) => filter[key]).length} />}>
      {keys.map((key) => (
        <fieldset key={key} className={styles.options}>
          <legend className={styles.hint}>{filterLabels[key]}</legend>
          {([["", "either"], ["yes", yesNoWords[key].yes], ["no", yesNoWords[key].no]] as const).map(([option, label]) => (
            <label key={option} className={menu.item}>
              <input type="radio" name={key} checked={(filter[key] ?? "") === option} onChange={() => url.go({ [key]: option || null })} />
              {label}
            </label>
          ))}
        </fieldset>
      ))}
    </Popover>
  );
}

function Period({ filter, url }: PartProps) {
  const count = [filter["from"], filter["to"]].filter(Boolean).length;
  return (
    <Popover label={<MenuLabel label="Period" count={count} />}>
      <form
        className={styles.period}
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          url.go({ from: String(form.get("from") ?? "") || null, to: String(form.get("to") ?? "") || null });
          event.currentTarget.closest<HTMLElement>("[popover]")?.hidePopover();
        }}
      >
        <p className={styles.hint}>When it was asked, whole days in UTC.</p>
        <label className={styles.day}>
          From
          <input type="date" name="from" min="2000-01-01" max="2999-12-31" defaultValue={filter["from"]} />
        </label>
        <label className={styles.day}>
          To, included
          <input type="date" name="to" min="2000-01-01" max="2999-12-31" defaultValue={filter["to"]} />
        </label>
        <Button type="submit" size="small" wide>
          Show this period
        </Button>
      </form>
    </Popover>
  );
}

function Chips({ filter, chosen, url }: PartProps & { chosen: EvidenceChoices }) {
  const single: readonly FilterKey[] = ["q", "from", "to", "unproven", "demo", "ticket", "emergency", "passkey"];
  const chips = filterNames.flatMap((key) => {
    const values = filter[key] === undefined ? [] : single.includes(key) ? [filter[key]] : filter[key].split(",");
    return values.map((value) => ({ id: `${key}.${value}`, text: chipText(key, value, chosen), changes: { [key]: toggled(values, value) } }));
  });
  if (chips.length === 0) return null;
  const none = Object.fromEntries(filterNames.map((key) => [key, null]));
  return (
    <ul className={styles.chips} aria-label="Filtered by">
      {chips.map(({ id, text, changes }) => (
        <li key={id}>
          <a href={url.hrefWith(changes)} onClick={url.follow(changes)} className={styles.chip}>
            {text}
            <IconX size={12} aria-hidden />
            <span className="visually-hidden">, take this filter off</span>
          </a>
        </li>
      ))}
      <li>
        <a href={url.hrefWith(none)} onClick={url.follow(none)} className={styles.clear}>
          Clear filters
        </a>
      </li>
    </ul>
  );
}
