"use client";

import { useActionState, useEffect, useState } from "react";
import { saidOf } from "@/components/ui/form/act";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Dialog } from "@/components/ui/overlay/dialog";
import { renamePasskeyAction } from "@/lib/passkeys/actions";
import type { PasskeyView } from "@/lib/passkeys/types";
import { idle } from "@/lib/platform/action-state";
import styles from "./passkeys.module.css";
import { passkeyRefusals } from "./words";

/** Gives one's own passkey another name. */
export function RenamePasskey({ passkey }: { passkey: PasskeyView }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} aria-label={`Rename ${passkey.name}`}>
        Rename
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={`Rename ${passkey.name}`}>
        <RenameForm passkey={passkey} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function RenameForm({ passkey, onClose }: { passkey: PasskeyView; onClose: () => void }) {
  const [state, submit, isPending] = useActionState(renamePasskeyAction, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = state.status === "invalid" ? null : saidOf(state, passkeyRefusals);
  useEffect(() => {
    if (state.status === "done") onClose();
  }, [state, onClose]);
  return (
    <KeptForm submit={submit} className={styles.form} label={`Rename ${passkey.name}`}>
      <input type="hidden" name="passkeyId" value={passkey.id} />
      <TextField label="Name" name="name" defaultValue={passkey.name} maxLength={60} errors={errors["name"]} autoComplete="off" />
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <SaveButton pending={isPending} pendingText="Saving…">
          Rename
        </SaveButton>
      </footer>
    </KeptForm>
  );
}
