"use client";

import { useActionState, useEffect, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { idle } from "@/lib/platform/action-state";
import { decideTogetherAction, previewTogetherAction } from "@/lib/requests/actions";
import type { TogetherResult, TogetherRow } from "@/lib/requests/together";
import type { ApprovalRow } from "@/lib/requests/views/types";
import { sayRefusal } from "../refusals";
import styles from "./news.module.css";

const decide = survivingLoss(decideTogetherAction);

const aloneWords = {
  "unknown-request": "it is not there, or not yours to decide",
  "cannot-decide": "it is not yours to decide at this moment",
  "own-side": "you are on the asking side",
  sensitivity: "it is not low",
  "step-up": "it needs a passkey of its own",
  "first-time": "the identity has not had this before",
  "changed-since-seen": "it changed since you selected it",
} as const satisfies Record<NonNullable<TogetherRow["alone"]>, string>;

const isAlone = (code: string): code is keyof typeof aloneWords => Object.hasOwn(aloneWords, code);
const sayWhy = (code: string) => (isAlone(code) ? aloneWords[code] : sayRefusal("decide", code as "not-pending").text);

/** Says what can be decided together and what cannot, and why, before anything is decided; then what came of each. */
export function TogetherForm({ selected, onClose }: { selected: readonly ApprovalRow[]; onClose: () => void }) {
  const text = selected.map(({ id, version }) => `${id}:${version}`).join(",");
  const rows = usePreview(text);
  const [state, submit] = useActionState(decide, idle);
  if (state.status === "done") return <Results results={state.value.results} onClose={onClose} />;
  if (rows === null) return <p role="status">Looking at {selected.length}…</p>;
  if (rows === "failed") return <p role="alert" className={styles.problem}>Curfew did not answer. Nothing was decided: close this and try again.</p>;
  const eligible = rows.filter(({ alone }) => alone === null);
  const others = rows.filter(({ alone }) => alone !== null);
  return (
    <form action={submit} className={styles.together} noValidate>
      <p>
        <strong>{eligible.length} of {rows.length} can be decided together.</strong>
        {others.length > 0 ? " The others stay as they are:" : null}
      </p>
      {others.length > 0 ? (
        <ul className={styles.rows}>
          {others.map(({ requestId, number, what, alone }) => <li key={requestId}>{nameOf({ number, what })}: {alone ? aloneWords[alone] : null}</li>)}
        </ul>
      ) : null}
      <input type="hidden" name="selected" value={text} />
      {state.status === "idle" || state.status === "invalid" ? null : <p role="alert" className={styles.problem}>{problemOf(state)}</p>}
      {eligible.length > 0 ? (
        <>
          <TextField
            label="Reason, for each of them"
            name="reason"
            maxLength={1_000}
            autoComplete="off"
            defaultValue={"values" in state ? (state.values["reason"] ?? "") : ""}
            errors={state.status === "invalid" ? state.fieldErrors["reason"] : undefined}
          />
          <div className={styles.buttons}>
            <SubmitButton kind="default" name="answer" value="deny" pendingText="Denying…">{`Deny ${eligible.length}`}</SubmitButton>
            <SubmitButton kind="default" name="answer" value="approve" pendingText="Approving…">{`Approve ${eligible.length}`}</SubmitButton>
          </div>
        </>
      ) : (
        <Button onClick={onClose}>Back to the queue</Button>
      )}
    </form>
  );
}

const nameOf = ({ number, what }: Pick<TogetherRow, "number" | "what">) => (number === null ? what : `Request ${number}, ${what}`);

function problemOf(state: { readonly status: string; readonly code?: string }): string {
  if (state.status === "lost") return "No answer came back, so it is not known which were decided. Close this and look: none is decided twice.";
  if (state.status === "signed-out") return "You are signed out. Nothing was decided: sign in in another tab, then try again.";
  if (state.code === "nothing-together") return "None of them can be decided together any more. Nothing was decided.";
  if (state.code === "secret-in-text") return "The reason looks like it holds a secret. Nothing was decided: take it out.";
  return "Something went wrong on our side. Close this and look what was decided: none is decided twice.";
}

function Results({ results, onClose }: { results: readonly TogetherResult[]; onClose: () => void }) {
  const done = results.filter((result) => "state" in result).length;
  return (
    <div className={styles.together}>
      <p role="status"><strong>{done} of {results.length} decided.</strong></p>
      <ul className={styles.rows}>
        {results.map((result) => (
          <li key={result.requestId}>
            {nameOf(result)}: {"state" in result ? (result.state === "pending" ? "your vote counts, it waits for others" : result.state) : `left as it is, ${sayWhy(result.code)}`}
          </li>
        ))}
      </ul>
      <Button onClick={onClose}>Back to the queue</Button>
    </div>
  );
}

/** What the server says of the selected before anything is decided; null while it has not answered. */
function usePreview(text: string): readonly TogetherRow[] | "failed" | null {
  const [rows, setRows] = useState<readonly TogetherRow[] | "failed" | null>(null);
  useEffect(() => {
    const form = new FormData();
    form.set("selected", text);
    let isCurrent = true;
    const take = (found: readonly TogetherRow[] | "failed") => {
      if (isCurrent) setRows(found);
    };
    previewTogetherAction(idle, form).then((answer) => take(answer.status === "done" ? answer.value.rows : "failed"), () => take("failed"));
    return () => {
      isCurrent = false;
    };
  }, [text]);
  return rows;
}
