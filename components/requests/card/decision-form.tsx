"use client";

import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { KeyHint } from "@/components/ui/keys/key-hint";
import { useKeys } from "@/components/ui/keys/use-keys";
import { CopyButton } from "@/components/ui/names/copy-button";
import { formatSeconds } from "@/lib/platform/format";
import type { RequestView } from "@/lib/requests/views/types";
import type { FormState } from "@/components/ui/form/lost-answer";
import { sayRefusal } from "../refusals";
import styles from "./bar.module.css";
import { DurationEdit } from "./duration-edit";

type DecisionFormProps = {
  request: RequestView;
  state: FormState<unknown, string>;
  submit: (form: FormData) => void;
  givenSeconds: number;
  onGive: (seconds: number) => void;
};

/**
 * A reason and two equal buttons; nothing is chosen beforehand. `a` and `d` lead to a button and press nothing, `e` opens the
 * duration. Enter in the reason is a new line, so that no vote is cast by it.
 */
export function DecisionForm({ request, state, submit, givenSeconds, onGive }: DecisionFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [isEditing, setEditing] = useState(false);
  const { said, field } = problemOf(state);
  useEffect(() => {
    if (field === "reason") form.current?.querySelector<HTMLElement>("[name=reason]")?.focus();
  }, [state, field]);
  const focusOn = (answer: string) => form.current?.querySelector<HTMLElement>(`[name=answer][value=${answer}]`)?.focus();
  const edit = () => {
    setEditing(true);
    // The field is there after the next render.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[data-duration]")?.focus());
  };
  useKeys({ a: () => focusOn("approve"), d: () => focusOn("deny"), e: edit });
  return (
    <form ref={form} action={submit} className={styles.form} noValidate>
      <input type="hidden" name="requestId" value={request.id} />
      <input type="hidden" name="version" value={request.version} />
      <input type="hidden" name="durationSeconds" value={givenSeconds} />
      {said ? (
        <p role="alert" className={styles.problem}>
          {said}
          {state.status === "failed" ? <CopyButton value={state.correlationId} label="Copy the id" /> : null}
        </p>
      ) : null}
      {isEditing ? <DurationEdit mostSeconds={request.grantedDurationSeconds} seconds={givenSeconds} onChange={onGive} onClose={() => setEditing(false)} /> : null}
      <div className={styles.line}>
        <Reason said={field === "reason" ? said : null} text={"values" in state ? (state.values["reason"] ?? "") : ""} />
        <div className={styles.buttons}>
          <SubmitButton kind="default" name="answer" value="deny" pendingText="Denying…">
            Deny <KeyHint>d</KeyHint>
          </SubmitButton>
          <span className={styles.edit}>
            <Button kind="quiet" aria-expanded={isEditing} onClick={() => (isEditing ? setEditing(false) : edit())}>
              Edit <KeyHint>e</KeyHint>
            </Button>
          </span>
          <SubmitButton kind="default" name="answer" value="approve" pendingText="Approving…">
            {givenSeconds < request.grantedDurationSeconds ? `Approve ${formatSeconds(givenSeconds)}` : "Approve"} <KeyHint>a</KeyHint>
          </SubmitButton>
        </div>
      </div>
    </form>
  );
}

function Reason({ said, text }: { said: string | null; text: string }) {
  return (
    <label className={styles.reason}>
      <span className={styles.reasonLabel}>Reason</span>
      <textarea
        key={text}
        name="reason"
        rows={2}
        maxLength={1_000}
        defaultValue={text}
        placeholder="Why, for whoever reads this later"
        aria-invalid={said !== null || undefined}
        className={styles.reasonInput}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </label>
  );
}

/** What went wrong in words, and at which field. */
function problemOf(state: FormState<unknown, string>): { said: string | null; field: string | null } {
  switch (state.status) {
    case "invalid": {
      const [field, messages] = Object.entries(state.fieldErrors)[0] ?? [null, []];
      return { said: messages[0] ?? null, field };
    }
    case "refused": {
      const { text, field } = sayRefusal("decide", state.code, state.detail);
      return { said: text, field: field ?? null };
    }
    case "lost":
      return { said: "No answer came back, so it is not known whether your vote was counted. Try again: it is never counted twice.", field: null };
    case "failed":
      return { said: "Something went wrong on our side. Your reason is kept. Try again; a vote is never counted twice.", field: null };
    case "signed-out":
      return { said: "You are signed out. Your reason is kept here: sign in in another tab, then try again.", field: null };
    case "idle":
    case "done":
      return { said: null, field: null };
  }
}
