"use client";

import type { Route } from "next";
import Link from "next/link";
import { useActionState, useRef } from "react";
import { saidOf } from "@/components/ui/form/act";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Dialog } from "@/components/ui/overlay/dialog";
import { type ActionState, idle } from "@/lib/platform/action-state";
import { formatList } from "@/lib/platform/format";
import { newId } from "@/lib/platform/ids";
import type { TemplateRefusal } from "@/lib/request-templates/types";
import { TeamChoice } from "./team-choice";
import styles from "./templates.module.css";
import { templateRefusals } from "./words";

type Kept = { readonly templateId: string; readonly name: string };
type KeepAction<Code extends string> = (previous: ActionState<Kept, Code>, form: FormData) => Promise<ActionState<Kept, Code>>;

type KeepDialogProps<Code extends string> = {
  open: boolean;
  onClose: () => void;
  action: KeepAction<Code>;
  /** What is kept, beside its name. */
  fields: (withIdentity: boolean) => Readonly<Record<string, string>>;
  /** The identity that it may name; null where none is picked. */
  identity: string | null;
  /** What is still to be filled in before it can be kept: "an access". */
  missing: readonly string[];
};

/** Keeps what stands in a form, or was asked, as a template. Nothing is asked by it. */
export function KeepDialog<Code extends string = TemplateRefusal>(props: KeepDialogProps<Code>) {
  const { open, onClose, missing } = props;
  return (
    <Dialog open={open} onClose={onClose} title="Keep as template">
      {missing.length > 0 ? (
        <div className={styles.form}>
          <p>Before it can be kept it needs {formatList(missing)}.</p>
          <footer className={styles.foot}>
            <Button onClick={onClose}>Back to the form</Button>
          </footer>
        </div>
      ) : (
        <KeepForm {...props} />
      )}
    </Dialog>
  );
}

function KeepForm<Code extends string>({ action, fields, identity, onClose }: KeepDialogProps<Code>) {
  const [state, send, isPending] = useActionState(action, idle);
  // One key for this dialog: a double click is one template.
  const key = useRef<string | null>(null);
  if (state.status === "done") return <Done name={state.value.name} onClose={onClose} />;
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = errors["name"] || errors["teamId"] ? null : saidOf(state, templateRefusals);
  const keep = (form: FormData) => {
    key.current ??= newId();
    form.set("idempotencyKey", key.current);
    for (const [name, value] of Object.entries(fields(form.get("withIdentity") === "on"))) form.set(name, value);
    send(form);
  };
  return (
    <KeptForm submit={keep} className={styles.form} label="Keep as template">
      <TextField label="Name" name="name" hint="As you will look for it. No passwords or keys." maxLength={80} autoComplete="off" errors={errors["name"]} />
      <TeamChoice current={null} offersOwn errors={errors["teamId"]} />
      {identity === null ? null : (
        <label className={styles.check}>
          <input type="checkbox" name="withIdentity" defaultChecked />
          <span>For {identity}. Without it, whoever uses the template picks the identity.</span>
        </label>
      )}
      <p className={styles.quiet}>A ticket and a start are not kept: each time has its own. Nothing is asked by keeping it.</p>
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Do not keep</Button>
        <SaveButton pending={isPending} pendingText="Keeping…">
          Keep template
        </SaveButton>
      </footer>
    </KeptForm>
  );
}

function Done({ name, onClose }: { name: string; onClose: () => void }) {
  return (
    <div className={styles.form}>
      <p role="status">
        Kept as <strong>{name}</strong>. Nothing was asked. <Link prefetch={false} href={"/requests/templates" as Route}>Open templates</Link>
      </p>
      <footer className={styles.foot}>
        <Button onClick={onClose}>Close</Button>
      </footer>
    </div>
  );
}
