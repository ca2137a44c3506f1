"use client";

import { useActionState, useState } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Button } from "@/components/ui/form/button";
import { ChoiceField, TextAreaField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Dialog } from "@/components/ui/overlay/dialog";
import { idle } from "@/lib/platform/action-state";
import { formatSeconds } from "@/lib/platform/format";
import { suspendAction } from "@/lib/suspensions/actions";
import { rehearsalHours } from "@/lib/suspensions/schema";
import type { SuspensionPanelView } from "@/lib/suspensions/types";
import styles from "./suspensions.module.css";
import { obstacleWords, refusalWords } from "./words";

const order = survivingLoss(suspendAction);

/** Opens the form in which a person of the owner side rehearses life without an identity, suspends or offboards it. */
export function Suspend({ panel }: { panel: SuspensionPanelView }) {
  const [isOpen, setOpen] = useState(false);
  if (panel.whyNotSuspend && panel.whyNotRemove) return null;
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        Suspend…
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={`Suspend ${panel.identity.name}`} place="right">
        {isOpen ? <SuspendForm panel={panel} onClose={() => setOpen(false)} /> : null}
      </Dialog>
    </>
  );
}

type Kind = "rehearsal" | "suspension" | "offboarding" | "";

function SuspendForm({ panel, onClose }: { panel: SuspensionPanelView; onClose: () => void }) {
  const [state, submit, pending] = useActionState(order, idle);
  const [kind, setKind] = useState<Kind>("");
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  return (
    <KeptForm submit={submit} className={styles.form} label={`Suspend ${panel.identity.name}`}>
      <input type="hidden" name="identityId" value={panel.identity.id} />
      <ChoiceField
        label="What to do"
        name="kind"
        required
        value={kind}
        onChange={(event) => setKind(kindOf(event.currentTarget.value))}
        errors={errors["kind"]}
        data={[
          { value: "", label: "Choose…" },
          { value: "rehearsal", label: "Rehearse: give it back by itself", disabled: panel.whyNotSuspend !== null },
          { value: "suspension", label: "Suspend until somebody undoes it", disabled: panel.whyNotSuspend !== null },
          { value: "offboarding", label: "Offboard: remove it for good", disabled: panel.whyNotRemove !== null },
        ]}
      />
      {kind === "rehearsal" ? <RehearsalFields panel={panel} errors={errors} /> : null}
      {kind === "offboarding" ? <Removal panel={panel} /> : null}
      {kind !== "" && kind !== "offboarding" ? <OpenConnections errors={errors} /> : null}
      {kind === "offboarding" ? <input type="hidden" name="openConnections" value="cut" /> : null}
      <TextAreaField label="Why" name="reason" required minLength={5} maxLength={500} errors={errors["reason"]} hint="Stays with it; the owner side and auditors read it." />
      <Answer state={state} />
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <SaveButton pending={pending} pendingText="Ordering…" kind="danger">
          {kind === "offboarding" ? "Remove for good" : kind === "rehearsal" ? "Begin the rehearsal" : "Suspend"}
        </SaveButton>
      </footer>
    </KeptForm>
  );
}

function kindOf(value: string): Kind {
  return value === "rehearsal" || value === "suspension" || value === "offboarding" ? value : "";
}

type Errors = Readonly<Record<string, readonly string[]>>;

function OpenConnections({ errors }: { errors: Errors }) {
  return (
    <ChoiceField
      label="Open connections"
      name="openConnections"
      required
      defaultValue=""
      errors={errors["openConnections"]}
      hint="New sign-ins stop in either case."
      data={[
        { value: "", label: "Choose…" },
        { value: "cut", label: "Cut them, in the middle of their work" },
        { value: "leave", label: "Leave them; they can go on working" },
      ]}
    />
  );
}

function RehearsalFields({ panel, errors }: { panel: SuspensionPanelView; errors: Errors }) {
  return (
    <>
      <ChoiceField
        label="Undo by itself after"
        name="hours"
        required
        defaultValue=""
        errors={errors["hours"]}
        data={[{ value: "", label: "Choose…" }, ...rehearsalHours.map((hours) => ({ value: String(hours), label: formatSeconds(hours * 3600) }))]}
      />
      <ChoiceField
        label="When a sign-in is refused"
        name="undoAtFirstRefusal"
        required
        defaultValue=""
        errors={errors["undoAtFirstRefusal"]}
        hint={panel.blindOn.length > 0 ? panel.blindOn.map(({ system, why }) => `Refused sign-ins cannot be seen on ${system}: ${why}.`).join(" ") : "Read from the server's own log."}
        data={[
          { value: "", label: "Choose…" },
          { value: "yes", label: "Undo at the first one", disabled: panel.blindOn.length > 0 },
          { value: "no", label: "Only tell it" },
        ]}
      />
    </>
  );
}

function Removal({ panel }: { panel: SuspensionPanelView }) {
  const why = panel.whyNotRemove ? obstacleWords(panel.whyNotRemove).text : null;
  return (
    <p className={styles.warning}>
      {why ??
        `The credentials of ${panel.identity.name} are dropped on the target and its connections are cut; this cannot be undone. No table is dropped: what it owns alone goes to the attic role, and where others depend on it, it stays suspended until that is settled.`}
    </p>
  );
}

function Answer({ state }: { state: { readonly status: string; readonly code?: string; readonly detail?: Readonly<Record<string, string | number>> | undefined } }) {
  const said =
    state.status === "refused" ? obstacleOf(state.code ?? "", state.detail)
    : state.status === "lost" ? "No answer came back. Look at the page before you try again: one at a time is taken."
    : state.status === "failed" ? "Something went wrong on our side. Nothing was ordered; what you wrote is kept."
    : null;
  return said ? (
    <p role="alert" className={styles.problem}>
      {said}
    </p>
  ) : null;
}

function obstacleOf(code: string, detail: Readonly<Record<string, string | number>> | undefined): string {
  const needs = detail?.["needs"];
  return needs === undefined ? refusalWords(code) : `${refusalWords(code)} It needs: ${needs}`;
}
