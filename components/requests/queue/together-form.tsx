"use client";

import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { useFetched } from "@/components/ui/form/use-fetched";
import type { TogetherResult, TogetherRow } from "@/lib/requests/together";
import type { ApprovalRow } from "@/lib/requests/views/types";
import { sayRefusal } from "../refusals";
import styles from "./news.module.css";
import { type Progress, useTogether } from "./use-together";

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

type TogetherFormProps = { selected: readonly ApprovalRow[]; onClose: () => void };

/** Says what can be decided together and what cannot, and why, before anything is decided; then what came of each as it comes. */
export function TogetherForm({ selected, onClose }: TogetherFormProps) {
  const text = selected.map(({ id, version }) => `${id}:${version}`).join(",");
  const [attempt, setAttempt] = useState(0);
  const { value, failed, problems } = useFetched<{ rows: readonly TogetherRow[] }>(`/api/approvals/together?selected=${encodeURIComponent(text)}`, { restMs: 0, attempt });
  const [reason, setReason] = useState("");
  const { progress, problem, decide } = useTogether();
  if (progress) return <Deciding progress={progress} onClose={onClose} />;
  const wrong = problems["selected"]?.[0];
  if (failed || wrong) return <NoPreview text={wrong ?? "Curfew did not answer. Nothing was decided."} onAgain={() => setAttempt(attempt + 1)} />;
  if (!value) return <div className={styles.together}><p role="status">Looking at {selected.length}…</p></div>;
  const eligible = value.rows.filter(({ alone }) => alone === null).length;
  const others = value.rows.flatMap(({ alone, ...row }) => (alone === null ? [] : [{ ...row, code: alone }]));
  return (
    <form
      className={styles.together}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const { submitter } = event.nativeEvent as SubmitEvent;
        if (!(submitter instanceof HTMLButtonElement)) return;
        void decide({ selected: text, answer: submitter.value === "approve" ? "approve" : "deny", reason, of: eligible });
      }}
    >
      <p>
        <strong>{eligible} of {value.rows.length} can be decided together.</strong>
        {others.length > 0 ? " The others stay as they are:" : null}
      </p>
      <Rows results={others} areApart />
      {problem && problem.code !== "input-wrong" ? <p role="alert" className={styles.problem}>{problem.text}</p> : null}
      {eligible > 0 ? (
        <>
          <TextField
            label="Reason, for each of them"
            name="reason"
            maxLength={1_000}
            autoComplete="off"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            // The first button would answer for all of them.
            onKeyDown={(event) => {
              if (event.key === "Enter") event.preventDefault();
            }}
            errors={problem?.code === "input-wrong" ? [problem.text] : undefined}
          />
          <div className={styles.buttons}>
            <Button type="submit" name="answer" value="deny">{`Deny ${eligible}`}</Button>
            <Button type="submit" name="answer" value="approve">{`Approve ${eligible}`}</Button>
          </div>
        </>
      ) : (
        <Button onClick={onClose}>Back to the queue</Button>
      )}
    </form>
  );
}

function NoPreview({ text, onAgain }: { text: string; onAgain: () => void }) {
  return (
    <div className={styles.together}>
      <p role="alert" className={styles.problem}>{text}</p>
      <Button onClick={onAgain}>Look again</Button>
    </div>
  );
}

/** How far it is, and what came of each: only what is committed counts as decided. */
function Deciding({ progress, onClose }: { progress: Progress; onClose: () => void }) {
  const { status, of, left, results } = progress;
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    end.current?.querySelector<HTMLElement>(status === "running" ? "p" : "button")?.focus();
  }, [status]);
  const decided = results.filter((result) => "state" in result).length;
  const refused = results.length - decided;
  return (
    <div ref={end} className={styles.together}>
      <p tabIndex={-1} className={styles.count}>
        <strong>{decided} of {of} {status === "broken" ? "known to be decided." : status === "running" ? "decided…" : "decided."}</strong>
        {refused > 0 ? ` ${refused} left as ${refused === 1 ? "it is" : "they are"}.` : null}
      </p>
      <progress className={styles.progress} aria-label="Decided" value={results.length} max={of} />
      <p role="status" className={status === "broken" ? styles.problem : styles.note}>{sayHow(progress)}</p>
      <Rows results={results} />
      {left.length > 0 ? <p>Not decided together, and as {left.length === 1 ? "it was" : "they were"}:</p> : null}
      <Rows results={left} areApart />
      {status === "running" ? null : <Button onClick={onClose}>Back to the queue</Button>}
    </div>
  );
}

function sayHow({ status, of, results }: Progress): string {
  switch (status) {
    case "running":
      return "One after another. Closing this does not stop it.";
    case "broken": {
      const unknown = of - results.length;
      return `The connection broke off, so it is not known what came of ${results.length === 0 ? "them" : unknown === 1 ? "the other one" : `the other ${unknown}`}. Close this and look: none is decided twice.`;
    }
    case "done":
      return `All ${of} were answered.`;
  }
}

/** What came of each; `areApart`: why each is not decided with the others. */
function Rows({ results, areApart = false }: { results: readonly TogetherResult[]; areApart?: boolean }) {
  if (results.length === 0) return null;
  return (
    <ul className={styles.rows}>
      {results.map((result) => (
        <li key={result.requestId}>
          {nameOf(result)}: {"state" in result ? (result.state === "pending" ? "your vote counts, it waits for others" : result.state) : `${areApart ? "" : "left as it is, "}${sayWhy(result.code)}`}
        </li>
      ))}
    </ul>
  );
}

const nameOf = ({ number, what }: Pick<TogetherRow, "number" | "what">) => (number === null ? what : `Request ${number}, ${what}`);
