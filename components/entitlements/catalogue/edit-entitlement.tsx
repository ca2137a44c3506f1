"use client";

import { useActionState, useEffect, useState } from "react";
import { PersonPicker } from "@/components/people/person-picker";
import { Button } from "@/components/ui/form/button";
import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Dialog } from "@/components/ui/overlay/dialog";
import { editEntitlementAction } from "@/lib/entitlements/actions";
import { sensitivities, type CatalogueRow, type Lowering } from "@/lib/entitlements/types";
import type { PersonOption } from "@/lib/people/views/options-types";
import { idle } from "@/lib/platform/action-state";
import styles from "./catalogue.module.css";
import { catalogueProblem } from "./words";

type EditProps = { row: CatalogueRow; isGrantable: boolean; teams: readonly { readonly id: string; readonly name: string }[]; onSaid: (words: string) => void };

const loweringWords = {
  none: "",
  applied: " The lower sensitivity applies at once: you are the only administrator, and the ledger says so.",
  waiting: " The lower sensitivity waits for a second administrator.",
} satisfies Record<Lowering, string>;

/** Opens the form in which an administrator says what an entitlement is. */
export function EditEntitlement({ row, teams, isGrantable, onSaid }: EditProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div>
      <Button size="small" onClick={() => setOpen(true)} aria-label={`Edit ${row.name}`}>
        Edit
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={`Edit ${row.name}`} place="right">
        <EditForm
          row={row}
          teams={teams}
          isGrantable={isGrantable}
          onSaid={(words) => {
            onSaid(words);
            setOpen(false);
          }}
          onClose={() => setOpen(false)}
        />
      </Dialog>
    </div>
  );
}

function EditForm({ row, teams, isGrantable, onSaid, onClose }: EditProps & { onClose: () => void }) {
  const [state, submit, pending] = useActionState(editEntitlementAction, idle);
  const [owner, setOwner] = useState<PersonOption | null>(row.resourceOwner && { id: row.resourceOwner.id, name: row.resourceOwner.name, teams: [] });
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const problem = catalogueProblem(state);
  useEffect(() => {
    if (state.status !== "done") return;
    const { name, lowering, isChanged } = state.value;
    onSaid(isChanged ? `${name} is saved.${loweringWords[lowering]}` : `Nothing about ${name} was different.`);
  }, [state, onSaid]);
  return (
    <KeptForm submit={submit} className={styles.form}>
      <input type="hidden" name="entitlementId" value={row.id} />
      <TextField label="Name" name="name" defaultValue={row.name} maxLength={200} errors={errors["name"]} />
      <TextAreaField label="In plain words" name="description" hint="What somebody who holds it can do." defaultValue={row.description} maxLength={2_000} rows={2} errors={errors["description"]} />
      <ChoiceField
        label="Sensitivity"
        name="sensitivity"
        hint="A higher one applies at once. A lower one needs a second administrator once there are two."
        defaultValue={row.sensitivity}
        data={[...sensitivities]}
        errors={errors["sensitivity"]}
      />
      <PersonPicker label="Resource owner" name="resourceOwnerId" hint="Approves by default." picked={owner} onPick={setOwner} errors={errors["resourceOwnerId"]} />
      {owner ? (
        <Button size="small" kind="quiet" onClick={() => setOwner(null)}>
          Take {owner.name} away
        </Button>
      ) : null}
      <ChoiceField
        label="Team of the resource"
        name="resourceTeamId"
        defaultValue={row.resourceTeam?.id ?? ""}
        data={[{ value: "", label: "No team" }, ...teams.map(({ id, name }) => ({ value: id, label: name }))]}
        errors={errors["resourceTeamId"]}
      />
      <TextField label="Purposes" name="purposes" hint="What it may be asked for, separated by commas." defaultValue={row.purposes.join(", ")} maxLength={800} errors={errors["purposes"]} />
      <TextField
        label="At most, in hours"
        name="capHours"
        hint="Empty: as long as its sensitivity allows."
        inputMode="decimal"
        defaultValue={row.maxDurationSeconds === null ? "" : String(Math.round((row.maxDurationSeconds / 3_600) * 100) / 100)}
        maxLength={8}
        errors={errors["capHours"]}
      />
      {isGrantable || row.isRequestable ? (
        <label className={styles.tick}>
          <input type="checkbox" name="requestable" value="yes" defaultChecked={row.isRequestable} /> It can be asked for
        </label>
      ) : null}
      {problem ? (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      ) : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <SaveButton pending={pending} pendingText="Saving…">
          Save
        </SaveButton>
      </footer>
    </KeptForm>
  );
}
