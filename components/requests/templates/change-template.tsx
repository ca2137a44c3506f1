"use client";

import { useActionState, useEffect, useState } from "react";
import { Act, saidOf } from "@/components/ui/form/act";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Dialog } from "@/components/ui/overlay/dialog";
import { idle } from "@/lib/platform/action-state";
import { changeTemplateAction, removeTemplateAction } from "@/lib/request-templates/actions";
import type { TemplateRow } from "@/lib/request-templates/views/list-types";
import { TeamChoice } from "./team-choice";
import styles from "./templates.module.css";
import { templateRefusals } from "./words";

/** Renames, shares and removes a template. */
export function ChangeTemplate({ template }: { template: TemplateRow }) {
  const [isOpen, setOpen] = useState(false);
  const { id, name, team, keeper, isOwn } = template;
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} aria-label={`Rename or share ${name}`}>
        Rename or share
      </Button>
      <Act
        action={removeTemplateAction}
        fields={{ templateId: id }}
        pendingText="Removing…"
        label={`Remove ${name}`}
        refusals={templateRefusals}
        confirm={{
          title: `Remove ${name}`,
          text: (
            <p>
              {isOwn ? "You" : keeper.name}
              {team ? ` and the members of ${team.name}` : ""} cannot start from it any more. Requests that were made from it stay as they are. It cannot be taken back.
            </p>
          ),
        }}
      >
        Remove
      </Act>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={`Rename or share ${name}`}>
        <ChangeForm template={template} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function ChangeForm({ template: { id, name, team, isOwn }, onClose }: { template: TemplateRow; onClose: () => void }) {
  const [state, submit, isPending] = useActionState(changeTemplateAction, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = state.status === "invalid" ? null : saidOf(state, templateRefusals);
  useEffect(() => {
    if (state.status === "done") onClose();
  }, [state, onClose]);
  return (
    <KeptForm submit={submit} className={styles.form} label={`Rename or share ${name}`}>
      <input type="hidden" name="templateId" value={id} />
      <TextField label="Name" name="name" defaultValue={name} maxLength={80} errors={errors["name"]} autoComplete="off" />
      <TeamChoice current={team} offersOwn={isOwn} errors={errors["teamId"]} />
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <SaveButton pending={isPending} pendingText="Saving…">
          Save
        </SaveButton>
      </footer>
    </KeptForm>
  );
}
