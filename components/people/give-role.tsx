"use client";

import { useActionState } from "react";
import { saidOf } from "@/components/ui/form/act";
import { ChoiceField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { roles, type Role } from "@/lib/auth/permissions";
import { giveRoleAction } from "@/lib/people/actions";
import { idle } from "@/lib/platform/action-state";
import styles from "./people.module.css";
import { personRefusals } from "./words";

/** Gives a role; says so where that waits for a second administrator. */
export function GiveRole({ personId, held }: { personId: string; held: readonly Role[] }) {
  const [state, submit, isPending] = useActionState(giveRoleAction, idle);
  const open = roles.filter((role) => !held.includes(role));
  const said = saidOf(state, personRefusals);
  if (open.length === 0) return null;
  return (
    <>
      <KeptForm submit={submit} className={styles.inline} label="Give a role">
        <input type="hidden" name="personId" value={personId} />
        <ChoiceField label="Role" name="role" data={[{ value: "", label: "Choose…" }, ...open.map((role) => ({ value: role, label: role }))]} />
        <SaveButton pending={isPending} pendingText="Giving…" kind="default">
          Give role
        </SaveButton>
      </KeptForm>
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      {state.status === "done" && state.value.state === "waiting" ? <p role="status">This waits for a second administrator, on the page People.</p> : null}
    </>
  );
}
