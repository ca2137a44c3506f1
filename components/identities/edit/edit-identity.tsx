"use client";

import { useActionState, useEffect, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Dialog } from "@/components/ui/overlay/dialog";
import { editIdentityAction } from "@/lib/identities/actions";
import type { IdentityView } from "@/lib/identities/views/detail-types";
import { idle } from "@/lib/platform/action-state";
import { stateLook } from "../words";
import { problemWords } from "../refusals";
import styles from "./edit.module.css";
import { IdentityFields, type IdentityDraft } from "./identity-fields";

function draftOf(identity: IdentityView): IdentityDraft {
  const { kind, environment, description, vendor, tags, team, owner, sponsor, backup } = identity;
  return { kind, environment, description: description ?? "", vendor: vendor ?? "", tags: tags.join(", "), teamId: team?.id ?? "", owner, sponsor, backup };
}

/** Opens the form in which the owner side says who answers for an identity and what it is. */
export function EditIdentity({ identity }: { identity: IdentityView }) {
  const [isOpen, setOpen] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        Edit
      </Button>
      <p role="status" className={said ? styles.said : "visually-hidden"}>
        {said}
      </p>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={`Edit ${identity.name}`} place="right">
        <EditForm
          identity={identity}
          onDone={(words) => {
            setSaid(words);
            setOpen(false);
          }}
          onClose={() => setOpen(false)}
        />
      </Dialog>
    </>
  );
}

type EditFormProps = { identity: IdentityView; onDone: (words: string) => void; onClose: () => void };

function EditForm({ identity, onDone, onClose }: EditFormProps) {
  const [state, submit, pending] = useActionState(editIdentityAction, idle);
  const problem = problemWords(state);
  useEffect(() => {
    if (state.status !== "done") return;
    onDone(state.value.changed.length === 0 ? "Nothing was different." : `Saved. It is ${stateLook(state.value.state).word} now.`);
  }, [state, onDone]);
  return (
    <KeptForm submit={submit} className={`${styles.form} ${styles.drawer}`}>
      <input type="hidden" name="identityId" value={identity.id} />
      <IdentityFields draft={draftOf(identity)} teams={identity.teams} errors={state.status === "invalid" ? state.fieldErrors : {}} />
      {problem ? (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      ) : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <SaveButton pending={pending} pendingText="Saving…">Save</SaveButton>
      </footer>
    </KeptForm>
  );
}
