"use client";

import type { ReactNode } from "react";
import { OptionPicker } from "@/components/ui/form/option-picker";
import type { PersonOption } from "@/lib/people/views/options-types";
import styles from "./person-picker.module.css";

type PersonPickerProps = {
  label: string;
  /** Of the hidden field that holds the person's id. */
  name: string;
  hint?: ReactNode;
  errors?: readonly string[] | undefined;
  picked: PersonOption | null;
  onPick: (person: PersonOption) => void;
  first?: readonly PersonOption[];
  /** Only people of this team. */
  within?: string;
};

/** Finds one person by name, with their teams beside it. */
export function PersonPicker({ first = [], within, ...props }: PersonPickerProps) {
  return (
    <OptionPicker {...props} placeholder="Type a name" address={within === undefined ? "/api/options/people" : `/api/options/people?team=${within}`} first={first}>
      {(person) => (
        <span className={styles.line}>
          <span>{person.name}</span>
          {person.teams.length > 0 ? <span className={styles.teams}>{person.teams.join(", ")}</span> : null}
        </span>
      )}
    </OptionPicker>
  );
}
