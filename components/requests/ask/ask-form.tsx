"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useActionState, useEffect, useRef, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { idle } from "@/lib/platform/action-state";
import { newId } from "@/lib/platform/ids";
import { keepTemplateAction } from "@/lib/request-templates/actions";
import type { TemplateStart } from "@/lib/request-templates/views/list-types";
import { submitRequestAction } from "@/lib/requests/actions";
import type { AskPreview, AskStart, EntitlementOption, IdentityOption } from "@/lib/requests/views/types";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import styles from "./ask.module.css";
import { AskFields } from "./ask-fields";
import { KeepDialog } from "../templates/keep-dialog";
import { TemplateNote } from "../templates/template-note";
import { type AskValues, keptFields, linksOf, missingIn, missingToKeep, previewAddress, startingWith } from "./ask-values";
import { StartNote } from "./start-note";
import { PreviewPanel } from "./preview-panel";
import { problemsOf } from "./problems";
import { useFetched } from "@/components/ui/form/use-fetched";

type AskFormProps = {
  /** The template that fills it in. */
  template: TemplateStart | null;
  /** The request of one's own that fills it in. */
  start: AskStart | null;
  /** What the link that led here has filled in. */
  identity: IdentityOption | null;
  entitlement: EntitlementOption | null;
  identities: readonly IdentityOption[];
  entitlements: readonly EntitlementOption[];
};

const submit = survivingLoss(submitRequestAction);

/** Asks for access; shows all the while what will become of it. What is filled in stays, whatever the answer. */
export function AskForm({ template, start, identity, entitlement, identities, entitlements }: AskFormProps) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState<AskValues>(() => startingWith(template ?? start, identity, entitlement));
  const [state, send, isPending] = useActionState(submit, idle);
  const [attempt, setAttempt] = useState(0);
  const [isKeeping, setKeeping] = useState(false);
  const preview = useFetched<AskPreview>(previewAddress(values, start), { restMs: 250, attempt });
  // One key for the form's whole life: a double click, a retry and a lost answer are one request.
  const key = useRef<string | null>(null);
  const { fields, whole } = problemsOf(state, preview.problems);
  const done = state.status === "done" ? state.value : null;

  useEffect(() => {
    if (done) router.push(`/requests/${done.requestId}` as Route);
  }, [done, router]);
  useEffect(() => {
    if (state.status === "invalid" || state.status === "refused") form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [state]);

  const ask = (data: FormData) => {
    key.current ??= newId();
    data.set("idempotencyKey", key.current);
    send(data);
  };
  const change = (part: Partial<AskValues>) => setValues((before) => ({ ...before, ...part }));
  return (
    <>
    {/* React resets a form after its action, and with it what a select shows. */}
    <form ref={form} action={ask} onReset={(event) => event.preventDefault()} noValidate className={styles.form}>
      {start ? <StartNote start={start} /> : null}
      {template ? <div className={styles.start}><TemplateNote template={template} /></div> : null}
      {Object.entries(linksOf(start)).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />)}
      <AskFields isExtension={start?.kind === "extends"} values={values} onChange={change} fields={fields} identities={identities} entitlements={entitlements} longestSeconds={preview.value?.verdict?.terms?.longestSeconds ?? null} standing={preview.value?.verdict?.standing ?? []} />
      <aside className={styles.aside}>
        <PreviewPanel
          preview={preview.value}
          isOld={preview.isOld && previewAddress(values) !== null}
          failed={preview.failed}
          onRetry={() => setAttempt(attempt + 1)}
          missing={missingIn(values)}
          onShorten={(durationSeconds) => change({ durationSeconds })}
        />
      </aside>
      <footer className={styles.foot}>
        {whole ? (
          <Banner tone="trouble" live>
            {whole}
          </Banner>
        ) : null}
        <div className={styles.acts}>
          <SubmitButton pendingText="Asking…" disabled={done !== null}>
            {done ? "Asked. Opening it…" : "Ask for access"}
          </SubmitButton>
          <Button onClick={() => setKeeping(true)}>Keep as template</Button>
        </div>
        <span role="status" className="visually-hidden">
          {isPending ? "Asking" : ""}
        </span>
      </footer>
    </form>
    <KeepDialog
      open={isKeeping}
      onClose={() => setKeeping(false)}
      action={keepTemplateAction}
      fields={(withIdentity) => keptFields(values, withIdentity)}
      identity={values.identity?.name ?? null}
      missing={missingToKeep(values)}
    />
    </>
  );
}
