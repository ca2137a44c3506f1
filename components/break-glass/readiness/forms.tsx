"use client";

import { type ReactNode, useActionState, useState } from "react";
import { PersonPicker } from "@/components/people/person-picker";
import { saidOf } from "@/components/ui/form/act";
import { Button } from "@/components/ui/form/button";
import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Dialog } from "@/components/ui/overlay/dialog";
import { checkSealAction, proposeEntryAction, registerSealAction } from "@/lib/break-glass/actions";
import { idle } from "@/lib/platform/action-state";
import type { PersonOption } from "@/lib/people/views/options-types";
import styles from "../break-glass.module.css";
import { breakRefusals } from "../words";

type Choice = { readonly value: string; readonly label: string };
type Options = { readonly entitlements: readonly Choice[]; readonly teams: readonly Choice[]; readonly credentials: readonly Choice[] };

const propose = survivingLoss(proposeEntryAction);
const register = survivingLoss(registerSealAction);
const check = survivingLoss(checkSealAction);
const lost = "No answer came back. Look at the page before you try again: what you wrote is kept.";
const choose: Choice = { value: "", label: "Choose…" };

type State = Parameters<typeof saidOf>[0] | { readonly status: "lost" };
const problemIn = (state: State) => (state.status === "lost" ? lost : saidOf(state, breakRefusals));
const errorsIn = (state: State) => (state.status === "invalid" ? state.fieldErrors : {});

/** A button that opens a form beside the page. */
function Opener({ label, title, children }: { label: string; title: string; children: (close: () => void) => ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>{label}</Button>
      <Dialog open={isOpen} onClose={close} title={title} place="right">
        {isOpen ? children(close) : null}
      </Dialog>
    </>
  );
}

type FrameProps = { label: string; submit: (form: FormData) => void; state: State; pending: boolean; save: string; onClose: () => void; done: string; children: ReactNode };

function Frame({ label, submit, state, pending, save, onClose, done, children }: FrameProps) {
  const problem = problemIn(state);
  if (state.status === "done") {
    return (
      <div className={styles.form}>
        <p role="status">{done}</p>
        <div className={styles.foot}><Button onClick={onClose}>Close</Button></div>
      </div>
    );
  }
  return (
    <KeptForm submit={submit} className={styles.form} label={label}>
      {children}
      {problem ? <p role="alert" className={styles.problem}>{problem}</p> : null}
      <div className={styles.foot}>
        <Button onClick={onClose}>Cancel</Button>
        <SaveButton pending={pending} pendingText="Sending…">{save}</SaveButton>
      </div>
    </KeptForm>
  );
}

/** Proposes an entry of the list. */
export function AddEntry({ options }: { options: Options }) {
  return <Opener label="Put somebody on the list" title="Put somebody on the list">{(close) => <EntryForm options={options} onClose={close} />}</Opener>;
}

function EntryForm({ options, onClose }: { options: Options; onClose: () => void }) {
  const [state, submit, pending] = useActionState(propose, idle);
  const [person, setPerson] = useState<PersonOption | null>(null);
  const [team, setTeam] = useState("");
  const errors = errorsIn(state);
  const holder = team !== "" ? `team:${team}` : person ? `person:${person.id}` : "";
  return (
    <Frame label="Put somebody on the list" submit={submit} state={state} pending={pending} save="Propose it" onClose={onClose} done="It stands once another administrator has confirmed it; where there is no other one, it stands now.">
      <input type="hidden" name="holder" value={holder} />
      <ChoiceField label="Whoever is on call for" name="team" value={team} onChange={(event) => setTeam(event.currentTarget.value)} data={[{ value: "", label: "No team: one person" }, ...options.teams]} errors={errors["holder"]} />
      {team === "" ? <PersonPicker label="Person" name="person" picked={person} onPick={setPerson} errors={errors["holder"]} /> : null}
      <ChoiceField label="May take" name="entitlementId" required defaultValue="" data={[choose, ...options.entitlements]} errors={errors["entitlementId"]} />
      <ChoiceField label="For" name="days" required defaultValue="" data={[choose, ...[30, 90, 180, 365].map((days) => ({ value: String(days), label: `${days} days` }))]} errors={errors["days"]} />
      <TextAreaField label="Why" name="reason" required minLength={10} maxLength={1_000} errors={errors["reason"]} />
    </Frame>
  );
}

/** Registers a credential that is kept sealed outside. */
export function RegisterSeal({ options }: { options: Options }) {
  return <Opener label="Register a sealed credential" title="Register a sealed credential">{(close) => <SealForm options={options} onClose={close} />}</Opener>;
}

function SealForm({ options, onClose }: { options: Options; onClose: () => void }) {
  const [state, submit, pending] = useActionState(register, idle);
  const [holder, setHolder] = useState<PersonOption | null>(null);
  const errors = errorsIn(state);
  return (
    <Frame label="Register a sealed credential" submit={submit} state={state} pending={pending} save="Register it" onClose={onClose} done="It is registered: Curfew watches its checks and every sign-in.">
      <TextField label="Name" name="name" required maxLength={80} errors={errors["name"]} autoComplete="off" />
      <ChoiceField label="Credential" name="credentialId" required defaultValue="" data={[choose, ...options.credentials]} errors={errors["credentialId"]} hint="As Curfew found it on its system. The secret itself stays in the envelope." />
      <TextAreaField label="Where it is kept" name="keptWhere" required minLength={10} maxLength={500} errors={errors["keptWhere"]} />
      <PersonPicker label="Who holds the numbers of the seals" name="holderId" picked={holder} onPick={setHolder} errors={errors["holderId"]} />
      <TextField label="Sealed on" name="sealedAt" type="date" required errors={errors["sealedAt"]} />
      <ChoiceField label="Somebody looks at it every" name="checkEveryDays" required defaultValue="" data={[choose, ...[7, 30, 90].map((days) => ({ value: String(days), label: `${days} days` }))]} errors={errors["checkEveryDays"]} />
    </Frame>
  );
}

/** Records what somebody saw who looked at a seal. */
export function CheckSeal({ sealedId, name }: { sealedId: string; name: string }) {
  return <Opener label="Record a check" title={`Record a check of ${name}`}>{(close) => <CheckForm sealedId={sealedId} name={name} onClose={close} />}</Opener>;
}

function CheckForm({ sealedId, name, onClose }: { sealedId: string; name: string; onClose: () => void }) {
  const [state, submit, pending] = useActionState(check, idle);
  const errors = errorsIn(state);
  return (
    <Frame label={`Record a check of ${name}`} submit={submit} state={state} pending={pending} save="Record it" onClose={onClose} done="It is recorded.">
      <input type="hidden" name="sealedId" value={sealedId} />
      <ChoiceField
        label="What you saw"
        name="outcome"
        required
        defaultValue=""
        errors={errors["outcome"]}
        data={[choose, { value: "intact", label: "Intact, with the right number" }, { value: "broken", label: "Broken, missing, or another number" }, { value: "resealed", label: "Changed and sealed again" }]}
      />
      <TextAreaField label="Note" name="note" required minLength={5} maxLength={1_000} errors={errors["note"]} hint="Where you looked and which seal, never the secret." />
    </Frame>
  );
}
