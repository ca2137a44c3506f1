"use client";

import { IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { PersonPicker } from "@/components/people/person-picker";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import styles from "../tickets.module.css";

/** Whose approval counts at a ticket system: people by their name there, or by an account where it gives no names. */
export function Approvers({ approvers, errors }: { approvers: readonly string[]; errors: readonly string[] | undefined }) {
  const [named, setNamed] = useState(approvers);
  const [account, setAccount] = useState("");
  const add = (name: string) => setNamed((before) => (name === "" || before.includes(name) ? before : [...before, name]));
  function addAccount() {
    add(account.trim());
    setAccount("");
  }
  return (
    <div className={styles.approvers}>
      <input type="hidden" name="approvers" value={named.join("\n")} />
      <div className={styles.pair}>
        <PersonPicker
          label="Approvers"
          name="approver-search"
          hint={named.length === 0 ? "Nobody named: anybody but whoever asks." : "Only these, and never whoever asks."}
          errors={errors}
          picked={null}
          onPick={({ name }) => add(name)}
        />
        <div className={styles.account}>
          <TextField
            label="Or an account there"
            value={account}
            onChange={({ currentTarget }) => setAccount(currentTarget.value)}
            onKeyDown={(event: KeyboardEvent) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              addAccount();
            }}
            hint="As it is written there."
            maxLength={100}
            autoComplete="off"
            spellCheck={false}
          />
          <Button onClick={addAccount} disabled={account.trim() === ""}>
            Add account
          </Button>
        </div>
      </div>
      {named.length > 0 ? (
        <ul className={styles.chips} aria-label="Approvers named">
          {named.map((name) => (
            <li key={name} className={styles.chip}>
              <Button size="small" aria-label={`Take ${name} out`} onClick={() => setNamed((before) => before.filter((one) => one !== name))}>
                {name} <IconX size={14} aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
