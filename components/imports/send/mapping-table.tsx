"use client";

import { ChoiceField } from "@/components/ui/form/fields";
import { type Mapping, type PlainField, plainFieldNames, plainFields } from "@/lib/imports/rules";
import styles from "./send.module.css";

type MappingTableProps = { records: readonly (readonly string[])[]; mapping: Mapping; onChange: (mapping: Mapping) => void };

const choices = [{ value: "", label: "not used" }, ...plainFieldNames.map((field) => ({ value: field, label: plainFields[field].words }))];

/** Each column of the file with its first values and what it stands for. The guess can be corrected; nothing was sent yet. */
export function MappingTable({ records, mapping, onChange }: MappingTableProps) {
  const [headings = [], ...lines] = records;
  const fieldOf = (heading: string) => plainFieldNames.find((field) => mapping[field] === heading) ?? "";
  const choose = (heading: string, field: string) => {
    const kept = Object.entries(mapping).filter(([other, used]) => used !== heading && other !== field);
    onChange(Object.fromEntries(field === "" ? kept : [...kept, [field as PlainField, heading]]));
  };
  return (
    <ul className={styles.mapping} aria-label="Columns of the file">
      {headings.map((heading, index) => (
        <li key={`${heading} ${index}`} className={styles.column}>
          <div>
            <strong>{heading || "(no heading)"}</strong>
            <p className={styles.sample}>{lines.map((line) => line[index] ?? "").filter((value) => value !== "").slice(0, 2).join(" · ").slice(0, 120) || "empty in the first lines"}</p>
          </div>
          <ChoiceField aria-label={`What ${heading || "this column"} stands for`} value={fieldOf(heading)} onChange={(event) => choose(heading, event.currentTarget.value)} data={choices} />
        </li>
      ))}
    </ul>
  );
}
