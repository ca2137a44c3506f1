"use client";

import { useActionState, useState } from "react";
import { saidOf } from "@/components/ui/form/act";
import { Button } from "@/components/ui/form/button";
import { TextAreaField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Dialog } from "@/components/ui/overlay/dialog";
import { beginRemovePasskeyAction, removeLostPasskeyAction, removePasskeyAction } from "@/lib/passkeys/actions";
import type { PasskeyView } from "@/lib/passkeys/types";
import { idle } from "@/lib/platform/action-state";
import styles from "./passkeys.module.css";
import { StepUpButton } from "./step-up-button";
import { ask, type StepUpQuestion } from "./use-step-up";
import { passkeyRefusals } from "./words";

/** Removes one's own passkey, confirmed with a passkey. */
export function RemovePasskey({ passkey, isLast }: { passkey: PasskeyView; isLast: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const passkeyId = passkey.id;
  async function begin(): Promise<StepUpQuestion> {
    const begun = await ask(beginRemovePasskeyAction, { passkeyId });
    return "problem" in begun ? begun : begun.value;
  }
  async function confirmed(response: string): Promise<string | null> {
    const removed = await ask(removePasskeyAction, { passkeyId, response });
    return "problem" in removed ? removed.problem : null;
  }
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} aria-label={`Remove ${passkey.name}`}>
        Remove
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={`Remove ${passkey.name}`}>
        <div className={styles.form}>
          <p className={styles.about}>
            {isLast
              ? "It is your last one: without a passkey you cannot decide what asks for one. Confirm with it. If the device is lost, an administrator can remove it."
              : "It confirms nothing from then on. What it confirmed before stays proven. Confirm with any passkey that you have."}
          </p>
          <footer className={styles.foot}>
            <Button onClick={() => setOpen(false)}>Keep as it is</Button>
            <StepUpButton kind="danger" begin={begin} onConfirmed={confirmed} label={`Confirm with a passkey and remove ${passkey.name}`}>
              Confirm and remove
            </StepUpButton>
          </footer>
        </div>
      </Dialog>
    </>
  );
}

/** Removes a passkey without one, because its device is lost: administrators. `of` is whose; null for one's own. */
export function RemoveLostPasskey({ passkey, of }: { passkey: PasskeyView; of: string | null }) {
  const [isOpen, setOpen] = useState(false);
  const title = of === null ? `Remove ${passkey.name}: its device is lost` : `Remove ${passkey.name} of ${of}`;
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} aria-label={title}>
        {of === null ? "Device lost" : "Remove"}
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={title}>
        <LostForm passkey={passkey} of={of} title={title} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function LostForm({ passkey, of, title, onClose }: { passkey: PasskeyView; of: string | null; title: string; onClose: () => void }) {
  const [state, submit, isPending] = useActionState(removeLostPasskeyAction, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = state.status === "invalid" ? null : saidOf(state, passkeyRefusals);
  return (
    <KeptForm submit={submit} className={styles.form} label={title}>
      <p className={styles.about}>
        {of === null
          ? "You are the only administrator, so nobody else can do this. It needs a fresh sign-in, and is on the ledger."
          : `For a lost or broken device. It confirms nothing from then on, and ${of} can add another one after signing in anew.`}
      </p>
      <input type="hidden" name="passkeyId" value={passkey.id} />
      <TextAreaField label="Why" name="reason" hint="Kept with the record." rows={2} maxLength={1_000} errors={errors["reason"]} />
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <SaveButton pending={isPending} pendingText="Removing…" kind="danger">
          Remove passkey
        </SaveButton>
      </footer>
    </KeptForm>
  );
}
