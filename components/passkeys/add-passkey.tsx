"use client";

import type { PublicKeyCredentialCreationOptionsJSON as EnrolOptions } from "@simplewebauthn/browser";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { Dialog } from "@/components/ui/overlay/dialog";
import { beginEnrolAction, confirmEnrolAction, enrolAction } from "@/lib/passkeys/actions";
import styles from "./passkeys.module.css";
import { StepUpButton } from "./step-up-button";
import { ask, type StepUpQuestion, useStepUp } from "./use-step-up";
import { passkeyRefusals } from "./words";

type AddPasskeyProps = { personId: string; hasOne: boolean };
/** The names that the list shows. */
type Listed = { names: readonly string[] };

/** Adds a passkey to one's own: confirmed with one that is there already, then made and named. */
export function AddPasskey({ names, ...props }: AddPasskeyProps & Listed) {
  const [isOpen, setOpen] = useState(false);
  const [added, setAdded] = useState<string | null>(null);
  const done = (name: string) => {
    setOpen(false);
    setAdded(name);
  };
  return (
    <div>
      <Button onClick={() => setOpen(true)}>Add a passkey</Button>
      <p role="status" className={styles.about}>{added !== null && names.includes(added) ? `${added} is added.` : null}</p>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title="Add a passkey">
        <Steps {...props} onClose={() => setOpen(false)} onDone={done} />
      </Dialog>
    </div>
  );
}

type StepsProps = AddPasskeyProps & { onClose: () => void; onDone: (name: string) => void };

function Steps({ personId, hasOne, onClose, onDone }: StepsProps) {
  const [options, setOptions] = useState<EnrolOptions | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  if (hasOne && options === null) return <Confirm personId={personId} problem={problem} onConfirmed={setOptions} onClose={onClose} />;
  const again = (why: string) => {
    setProblem(why);
    setOptions(null);
  };
  return <Make personId={personId} options={options} problem={problem} onRefused={again} onClose={onClose} onDone={onDone} />;
}

type ConfirmProps = { personId: string; problem: string | null; onConfirmed: (options: EnrolOptions) => void; onClose: () => void };

function Confirm({ personId, problem, onConfirmed, onClose }: ConfirmProps) {
  async function begin(): Promise<StepUpQuestion> {
    const begun = await ask(beginEnrolAction, { personId });
    if ("problem" in begun) return begun;
    return begun.value.step === "confirm" ? begun.value : { problem: "Your passkeys were changed meanwhile. Load the page again, then start again." };
  }
  async function confirmed(response: string): Promise<string | null> {
    const answer = await ask(confirmEnrolAction, { response });
    if ("problem" in answer) return answer.problem;
    if (answer.value.step !== "make") return passkeyRefusals["not-verified"] ?? null;
    onConfirmed(answer.value.options);
    return null;
  }
  return (
    <div className={styles.form}>
      <p className={styles.about}>First confirm with a passkey that you have. Without that, nobody adds one, not even from a browser where you are signed in.</p>
      {problem ? <p role="alert" className={styles.problem}>{problem}</p> : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <StepUpButton kind="primary" begin={begin} onConfirmed={confirmed}>
          Confirm with a passkey
        </StepUpButton>
      </footer>
    </div>
  );
}

type MakeProps = { personId: string; options: EnrolOptions | null; problem: string | null; onRefused: (why: string) => void; onClose: () => void; onDone: (name: string) => void };

function Make({ personId, options, problem: before, onRefused, onClose, onDone }: MakeProps) {
  const { isAsking, problem, make } = useStepUp();
  const [name, setName] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);

  async function optionsNow(): Promise<EnrolOptions | null> {
    if (options !== null) return options;
    const begun = await ask(beginEnrolAction, { personId });
    if ("value" in begun && begun.value.step === "make") return begun.value.options;
    onRefused("problem" in begun ? begun.problem : (passkeyRefusals["confirm-first"] ?? ""));
    return null;
  }

  async function run(called: string) {
    const made = await optionsNow();
    const response = made && (await make(made));
    if (response === null) return;
    const kept = await ask(enrolAction, { name: called, response });
    if ("problem" in kept) onRefused(kept.problem);
    else onDone(called);
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    const called = name.trim();
    setError(called === "" ? "Give it a name, so that you know it again." : null);
    if (called === "" || isAsking || isSending) return;
    setSending(true);
    try {
      await run(called);
    } finally {
      setSending(false);
    }
  }

  const said = problem ?? before;
  return (
    <form className={styles.form} aria-label="Add a passkey" onSubmit={(event) => void submit(event)}>
      <p className={styles.about}>Your device makes a key that never leaves it, and asks for your PIN, finger or face. Curfew keeps only what checks its signatures.</p>
      <TextField label="Name" hint="So that you know it again: work laptop, blue key." value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={60} errors={error ? [error] : undefined} autoComplete="off" />
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <Button type="submit" kind="primary" aria-disabled={isSending || undefined}>
          {isAsking ? "Waiting for your device…" : isSending ? "Saving…" : "Make passkey"}
        </Button>
      </footer>
    </form>
  );
}
