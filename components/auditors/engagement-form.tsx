"use client";

import { useActionState, useState } from "react";
import { PersonPicker } from "@/components/people/person-picker";
import { Banner } from "@/components/ui/feedback/banner";
import { saidOf } from "@/components/ui/form/act";
import { TextAreaField, TextField } from "@/components/ui/form/fields";
import form from "@/components/ui/form/form.module.css";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { engageAuditorAction } from "@/lib/auditors/actions";
import type { PersonOption } from "@/lib/people/views/options-types";
import { idle } from "@/lib/platform/action-state";
import styles from "./auditors.module.css";
import { engagementRefusals } from "./words";

type System = { readonly id: string; readonly name: string };

/** Gives somebody a bounded view; says so where that waits for a second administrator. */
export function EngagementForm({ systems }: { systems: readonly System[] }) {
  const [state, submit, isPending] = useActionState(engageAuditorAction, idle);
  const [picked, setPicked] = useState<PersonOption | null>(null);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = state.status === "invalid" ? null : saidOf(state, engagementRefusals);
  return (
    <details className={styles.more}>
      <summary>Give an engagement</summary>
      <KeptForm submit={submit} className={form.form} label="Give an engagement">
        <div className={form.group}>
          <PersonPicker label="Auditor" name="personId" hint="Somebody who has signed in once and holds no other role. What they have now is replaced." errors={errors["personId"]} picked={picked} onPick={setPicked} />
          <TextField label="Sees nothing any more after" name="lastDay" type="date" hint="The last day counts whole, in UTC. At most one year from now." errors={errors["lastDay"]} />
          <TextField label="Evidence asked from" name="fromDay" type="date" errors={errors["fromDay"]} />
          <TextField label="Evidence asked to" name="toDay" type="date" errors={errors["toDay"]} />
          <Systems systems={systems} errors={errors["systemIds"]} />
          <Names errors={errors["names"]} />
          <TextAreaField label="What it is for" name="reason" maxLength={500} hint="And why names are needed, if they are." errors={errors["reason"]} />
        </div>
        {said ? <Banner tone="trouble" live>{said}</Banner> : null}
        {state.status === "done" ? <Banner live>{state.value.state === "waiting" ? "This waits for a second administrator, on the page People." : "The engagement is given. It takes effect with the auditor's next page."}</Banner> : null}
        <SaveButton pending={isPending} pendingText="Giving…">Give engagement</SaveButton>
      </KeptForm>
    </details>
  );
}

function Systems({ systems, errors }: { systems: readonly System[]; errors: readonly string[] | undefined }) {
  return (
    <fieldset className={styles.choices}>
      <legend>Of which systems</legend>
      <label className={styles.check}>
        <input type="checkbox" name="everySystem" value="yes" />
        Every system
      </label>
      <div className={styles.systems}>
        {systems.map(({ id, name }) => (
          <label key={id} className={styles.check}>
            <input type="checkbox" name="systemIds" value={id} />
            {name}
          </label>
        ))}
      </div>
      {errors ? <p role="alert" className={styles.problem}>{errors[0]}</p> : null}
    </fieldset>
  );
}

function Names({ errors }: { errors: readonly string[] | undefined }) {
  return (
    <fieldset className={styles.choices}>
      <legend>Does the work need names?</legend>
      <label className={styles.check}>
        <input type="radio" name="names" value="no" />
        No: persons have pseudonyms and what people wrote is left out; files as CSV and JSON Lines
      </label>
      <label className={styles.check}>
        <input type="radio" name="names" value="yes" />
        Yes: names, what people wrote, and files of every form
      </label>
      {errors ? <p role="alert" className={styles.problem}>{errors[0]}</p> : null}
    </fieldset>
  );
}
