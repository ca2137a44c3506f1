"use client";

import { useActionState, useEffect, useState } from "react";
import { PersonPicker } from "@/components/people/person-picker";
import { Button } from "@/components/ui/form/button";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { KeptForm } from "@/components/ui/form/kept-form";
import { Dialog } from "@/components/ui/overlay/dialog";
import { editManyEntitlementsAction } from "@/lib/entitlements/actions";
import { sensitivities, type BulkChange } from "@/lib/entitlements/types";
import type { PersonOption } from "@/lib/people/views/options-types";
import { idle } from "@/lib/platform/action-state";
import { formatPlural } from "@/lib/platform/format";
import styles from "./catalogue.module.css";
import { catalogueProblem, whyWords } from "./words";

type BulkProps = { ids: readonly string[]; teams: readonly { readonly id: string; readonly name: string }[]; onDone: (words: string) => void };

/** Changes the chosen entitlements alike, after saying how many of them can. */
export function BulkEdit(props: BulkProps) {
  const [isOpen, setOpen] = useState(false);
  const title = `Edit ${formatPlural(props.ids.length, "entitlement")}`;
  return (
    <>
      <Button size="small" kind="primary" onClick={() => setOpen(true)}>
        {title}
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={title} place="right">
        <BulkForm {...props} />
      </Dialog>
    </>
  );
}

function waitingWords({ waiting }: BulkChange): string {
  return waiting > 0 ? ` ${formatPlural(waiting, "lower sensitivity waits", "lower sensitivities wait")} for a second administrator.` : "";
}

function BulkForm({ ids, teams, onDone }: BulkProps) {
  const [state, submit, pending] = useActionState(editManyEntitlementsAction, idle);
  const [owner, setOwner] = useState<PersonOption | null>(null);
  /** The preview counts only for what it was made for. */
  const [isOld, setOld] = useState(false);
  const preview = state.status === "done" && !state.value.applied && !isOld ? state.value : null;
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const problem = catalogueProblem(state);
  useEffect(() => {
    if (state.status === "done" && state.value.applied) onDone(`${formatPlural(state.value.can, "entitlement")} changed.${waitingWords(state.value)}`);
  }, [state, onDone]);
  const stays = { value: "", label: "Stays as it is" };
  return (
    <KeptForm
      className={styles.form}
      submit={(form) => {
        setOld(false);
        submit(form);
      }}
    >
      <p className={styles.said}>What is left empty stays as it is.</p>
      <input type="hidden" name="ids" value={ids.join(",")} />
      <PersonPicker
        label="Resource owner"
        name="resourceOwnerId"
        picked={owner}
        onPick={(person) => {
          setOwner(person);
          setOld(true);
        }}
        errors={errors["resourceOwnerId"]}
      />
      <ChoiceField label="Team of the resource" name="resourceTeamId" defaultValue="" onChange={() => setOld(true)} data={[stays, ...teams.map(({ id, name }) => ({ value: id, label: name }))]} errors={errors["resourceTeamId"]} />
      <ChoiceField label="Sensitivity" name="sensitivity" defaultValue="" onChange={() => setOld(true)} data={[stays, ...sensitivities.map((value) => ({ value, label: value }))]} errors={errors["sensitivity"]} />
      <TextField label="Purposes" name="purposes" hint="These take the place of those that each has." defaultValue="" onChange={() => setOld(true)} maxLength={800} errors={errors["purposes"]} />
      <TextField label="At most, in hours" name="capHours" inputMode="decimal" defaultValue="" onChange={() => setOld(true)} maxLength={8} errors={errors["capHours"]} />
      {problem ? (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      ) : null}
      {preview ? <Preview preview={preview} of={ids.length} /> : null}
      <footer className={styles.foot}>
        <Button type="submit" name="preview" value="yes" aria-disabled={pending || undefined}>
          {pending ? "Looking…" : "See what can change"}
        </Button>
        {preview && preview.can > 0 ? (
          <Button type="submit" name="preview" value="no" kind="primary" aria-disabled={pending || undefined}>
            Change {formatPlural(preview.can, "entitlement")}
          </Button>
        ) : null}
      </footer>
    </KeptForm>
  );
}

function Preview({ preview, of }: { preview: BulkChange; of: number }) {
  return (
    <div role="status" className={styles.preview}>
      <strong>
        {preview.can} of {of} can change.
      </strong>
      {waitingWords(preview)}
      {preview.cannot.length > 0 ? (
        <ul>
          {preview.cannot.map(({ id, name, why }) => (
            <li key={id}>
              {name}: {whyWords(why)}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
