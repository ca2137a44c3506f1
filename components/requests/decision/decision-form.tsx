"use client";

import { IconFingerprint } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { KeyHint } from "@/components/ui/keys/key-hint";
import { useKeys } from "@/components/ui/keys/use-keys";
import { CopyButton } from "@/components/ui/names/copy-button";
import type { RequestView } from "@/lib/requests/views/types";
import type { FormState } from "@/components/ui/form/lost-answer";
import { sayRefusal } from "../refusals";
import styles from "./bar.module.css";
import { fieldsOf, type Giving, givingOf, sayLess } from "./giving";
import { TermsEdit } from "./terms-edit";
import type { Decision } from "./use-decision";

type DecisionFormProps = {
  request: RequestView;
  vote: Decision;
  giving: Giving;
  onGive: (giving: Giving) => void;
};

/**
 * A reason and two equal buttons; nothing is chosen beforehand. `a` and `d` lead to a button and press nothing, `e` opens the
 * terms, `r` the reason. Enter in the reason is a new line, so that no vote is cast by it.
 */
export function DecisionForm({ request, vote, giving, onGive }: DecisionFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [isEditing, setEditing] = useState(false);
  const { state, begun } = vote;
  const { said, field } = begun ? { said: vote.problem ?? begun.text, field: begun.field } : vote.problem ? { said: vote.problem, field: null } : problemOf(state);
  useEffect(() => {
    if (field === "reason") form.current?.querySelector<HTMLElement>("[name=reason]")?.focus();
  }, [state, begun, field]);
  const find = (selector: string) => form.current?.querySelector<HTMLElement>(selector)?.focus();
  const edit = () => {
    setEditing(true);
    // The field is there after the next render.
    requestAnimationFrame(() => find("[data-duration]"));
  };
  useKeys({ a: () => find("[name=answer][value=approve]"), d: () => find("[name=answer][value=deny]"), e: edit, r: () => find("[name=reason]") });
  const less = sayLess(giving, givingOf(request));
  const needsPasskey = request.viewer.stepUp.needed;
  return (
    <form
      ref={form}
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        vote.vote(new FormData(event.currentTarget, (event.nativeEvent as SubmitEvent).submitter));
      }}
    >
      <input type="hidden" name="requestId" value={request.id} />
      <input type="hidden" name="version" value={request.version} />
      {Object.entries(fieldsOf(giving)).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />)}
      {said ? (
        <p role="alert" className={styles.problem}>
          {said}
          {state.status === "failed" ? <CopyButton value={state.correlationId} label="Copy the id" /> : null}
        </p>
      ) : null}
      {needsPasskey ? <NeedsPasskey request={request} isMissing={begun?.code === "no-passkey" || !request.viewer.stepUp.hasPasskey} /> : null}
      {isEditing ? <TermsEdit request={request} giving={giving} onGive={onGive} onClose={() => setEditing(false)} /> : null}
      <div className={styles.line}>
        <Reason said={field === "reason" ? said : null} text={"values" in state ? (state.values["reason"] ?? "") : ""} />
        <div className={styles.buttons}>
          <Answer value="deny" vote={vote} pendingText="Denying…">
            Deny <KeyHint>d</KeyHint>
          </Answer>
          <span className={styles.edit}>
            <Button kind="quiet" aria-expanded={isEditing} onClick={() => (isEditing ? setEditing(false) : edit())}>
              Edit <KeyHint>e</KeyHint>
            </Button>
          </span>
          <Answer value="approve" vote={vote} pendingText={vote.isAsking ? "Waiting for your passkey…" : "Approving…"}>
            {less ? `Approve ${less}` : "Approve"} <KeyHint>a</KeyHint>
          </Answer>
        </div>
      </div>
    </form>
  );
}

/** One of two equal answers; a second press while the first is on its way does nothing. */
function Answer({ value, vote: { isPending, isAsking }, pendingText, children }: { value: "approve" | "deny"; vote: Decision; pendingText: string; children: ReactNode }) {
  const [isMine, setMine] = useState(false);
  const isBusy = isPending || isAsking;
  return (
    <Button type="submit" name="answer" value={value} aria-disabled={isBusy || undefined} onClick={() => setMine(true)} onBlur={() => setMine(false)}>
      {isBusy && isMine ? pendingText : children}
    </Button>
  );
}

/** Said before anything is pressed: what the passkey will sign, and what to do without one. */
function NeedsPasskey({ request, isMissing }: { request: RequestView; isMissing: boolean }) {
  return (
    <p className={styles.passkey}>
      <IconFingerprint size={16} aria-hidden />
      {isMissing ? (
        <span>
          Approving needs a passkey, and you have none. <Link href={`/people/${request.viewer.personId}` as Route}>Add one on your own page</Link>, then come back; denying needs none.
        </span>
      ) : (
        <span>Approving asks for your passkey, over exactly these terms. Denying does not.</span>
      )}
    </p>
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
        placeholder="Why, for whoever reads this later; a denial needs it"
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
