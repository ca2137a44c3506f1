"use client";

import { IconBookmarkPlus } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { useActionState } from "react";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { Popover } from "@/components/ui/overlay/popover";
import { idle } from "@/lib/platform/action-state";
import { keepQuestionAction } from "@/lib/questions/actions";
import styles from "./questions.module.css";
import { TermsForm } from "./terms";

/** Keeps the filter of the list as a question. */
export function KeepQuestion({ filter, mayExport }: { filter: Readonly<Record<string, string>>; mayExport: boolean }) {
  const query = new URLSearchParams(filter).toString();
  const label = (
    <>
      <IconBookmarkPlus size={14} aria-hidden />
      Keep as a question
    </>
  );
  return (
    <Popover label={label}>
      <KeepForm key={query} query={query} mayExport={mayExport} />
    </Popover>
  );
}

function KeepForm({ query, mayExport }: { query: string; mayExport: boolean }) {
  const [state, submit] = useActionState(keepQuestionAction, idle);
  if (state.status === "done") {
    return (
      <p className={styles.form} role="status">
        Kept. It stands among the <Link href={"/evidence/questions" as Route}>questions</Link>.
      </p>
    );
  }
  return (
    <TermsForm state={state} submit={submit} question={null} mayExport={mayExport}>
      <input type="hidden" name="query" value={query} />
      <SubmitButton size="small" pendingText="Keeping…">Keep question</SubmitButton>
    </TermsForm>
  );
}
