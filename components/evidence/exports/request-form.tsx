"use client";

import { type KeyboardEvent, useActionState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { saidOf } from "@/components/ui/form/act";
import { Button } from "@/components/ui/form/button";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { requestExportAction } from "@/lib/evidence/actions";
import type { ExportFormat } from "@/lib/evidence/types";
import { idle } from "@/lib/platform/action-state";
import { strataChoices } from "../sample/strata";
import styles from "./exports.module.css";
import { formatWords } from "./formats";

const refusals = { "names-left-out": "Your engagement leaves names out, and files of this form hold them. Nothing was asked for: take CSV or JSON Lines.", "too-many-exports": "Ten of your exports wait already. Nothing was asked for: cancel one below, or wait until one is done." };

/** A sample that anybody draws again: the auditor's word decides, together with a checkpoint that stood outside before. */
function SampleFields() {
  // Enter would press the form's first button, which is another format's.
  const stay = (event: KeyboardEvent) => {
    if (event.key === "Enter") event.preventDefault();
  };
  return (
    <details>
      <summary>With a sample</summary>
      <div className={styles.sample}>
        <TextField name="nonce" label="Your nonce" hint="6 to 64 letters or digits that nobody knew before." maxLength={64} autoComplete="off" onKeyDown={stay} />
        <ChoiceField name="by" label="Draw from" data={strataChoices} defaultValue="all" />
        <TextField name="each" label="Records of each" type="number" min={1} max={100} defaultValue="25" onKeyDown={stay} />
      </div>
    </details>
  );
}

type RequestFormProps = { formats: readonly ExportFormat[]; filter: Readonly<Record<string, string>>; rows: string };

/** One card for each format that one may have; its button asks for what the filter above leaves. */
export function RequestForm({ formats, filter, rows }: RequestFormProps) {
  const [state, submit, isPending] = useActionState(requestExportAction, idle);
  const said = saidOf(state, refusals);
  return (
    <form action={submit}>
      {Object.entries(filter).map(([key, value]) => (
        <input key={key} type="hidden" name={key} value={value} />
      ))}
      <ul className={styles.cards}>
        {formats.map((format) => (
          <li key={format} className={styles.card}>
            <h3 className={styles.cardName}>{formatWords[format].name}</h3>
            <p className={styles.cardFor}>{formatWords[format].forWhom}</p>
            <p className={styles.cardWhat}>{formatWords[format].what}</p>
            {format === "bundle" ? <SampleFields /> : null}
            <Button type="submit" size="small" name="format" value={format} aria-disabled={isPending || undefined} aria-label={`Export ${rows} as ${formatWords[format].name}`}>
              Export
            </Button>
          </li>
        ))}
      </ul>
      <div role="status">
        {said ? <Banner tone="warning">{said}</Banner> : null}
        {state.status === "done" ? <Banner>Asked for. It is written in the background and can be downloaded below once it is whole.</Banner> : null}
      </div>
    </form>
  );
}
