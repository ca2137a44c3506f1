"use client";

import { useActionState, useEffect, useRef, useState } from "react";
import card from "@/components/queue/card.module.css";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { useKeys } from "@/components/ui/keys/use-keys";
import { idle } from "@/lib/platform/action-state";
import { stageDecisionAction, unstageDecisionAction } from "@/lib/reviews/actions";
import { decisions, type Decision, type ReviewFacts } from "@/lib/reviews/types";
import type { ItemView } from "@/lib/reviews/views/types";
import { problemOf } from "../form-problem";
import { decisionKeys, decisionWords } from "../words";
import styles from "./card.module.css";
import { DecisionTerms } from "./decision-terms";

const stage = survivingLoss(stageDecisionAction);
const unstage = survivingLoss(unstageDecisionAction);

type DecisionFormProps = { item: ItemView; facts: ReviewFacts; onStaged: (itemId: string) => void };

/** Five equal answers, none of them chosen beforehand; what an answer needs appears with it. Staging is not yet deciding. */
export function DecisionForm({ item, facts, onStaged }: DecisionFormProps) {
  const { draft } = item.viewer;
  const form = useRef<HTMLFormElement>(null);
  const [chosen, setChosen] = useState<Decision | null>(draft?.decision ?? null);
  const [state, submit] = useActionState(stage, idle);
  const { said, field } = problemOf(state);
  const typed = "values" in state ? state.values : null;
  useEffect(() => {
    if (state.status === "done") onStaged(item.id);
    // Once for each answer of the server.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state]);
  useEffect(() => {
    if (said) form.current?.querySelector<HTMLElement>(`[name="${field === "until" ? "until" : "reason"}"]`)?.focus();
  }, [state, said, field]);
  const choose = (decision: Decision) => {
    if (!canChoose(decision, facts)) return;
    setChosen(decision);
    // Its fields are there after the next render.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[name=reason]")?.focus());
  };
  useKeys({
    "1": () => choose("keep"), "2": () => choose("rotate"), "3": () => choose("narrow"), "4": () => choose("rehearse"), "5": () => choose("offboard"),
    e: () => form.current?.querySelector<HTMLElement>("input[name=decision]:not(:disabled)")?.focus(),
  });
  return (
    <form ref={form} action={submit} className={styles.form} noValidate aria-label="Your decision">
      <input type="hidden" name="itemId" value={item.id} />
      {draft ? <p className={styles.stagedNote}>Staged: {decisionWords[draft.decision].done}{draft.batchSize > 1 ? `, together with ${draft.batchSize - 1} more` : ""}. Correct it here, or submit it below.</p> : null}
      <fieldset className={styles.choices}>
        <legend className={styles.legend}>Your decision</legend>
        {decisions.map((decision) => (
          <label key={decision} className={styles.choice} data-on={chosen === decision || undefined} data-off={canChoose(decision, facts) ? undefined : true}>
            <input type="radio" name="decision" value={decision} checked={chosen === decision} disabled={!canChoose(decision, facts)} onChange={() => setChosen(decision)} />
            <span>{decisionWords[decision].verb}</span>
            <kbd aria-hidden className={styles.key}>{decisionKeys[decision]}</kbd>
          </label>
        ))}
      </fieldset>
      <p className={card.quiet}>{chosen ? decisionWords[chosen].what : whyLess(facts)}</p>
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      {chosen ? (
        <>
          <DecisionTerms key={chosen} decision={chosen} facts={facts} recommendation={item.recommendation} draft={draft?.decision === chosen ? draft : null} />
          <TextField label="Reason" name="reason" maxLength={1_000} defaultValue={typed?.["reason"] ?? draft?.reason ?? ""} placeholder="Why, for whoever reads this later" autoComplete="off" />
          <div className={styles.buttons}>
            <SubmitButton kind="default" pendingText="Staging…">{draft ? `Stage ${decisionWords[chosen].done} instead` : `Stage ${decisionWords[chosen].done}`}</SubmitButton>
            {draft ? <TakeBack itemId={item.id} onTaken={() => setChosen(null)} /> : null}
          </div>
        </>
      ) : null}
    </form>
  );
}

/** What cannot be carried out cannot be chosen. */
function canChoose(decision: Decision, facts: ReviewFacts): boolean {
  if (decision === "narrow") return facts.entitlements.some(({ kind }) => kind === "standing");
  if (decision === "rotate") return facts.credentials.some(({ isEnabled }) => isEnabled);
  if (decision === "rehearse" || decision === "offboard") return facts.credentials.length > 0 && facts.credentials.every(({ isConnected }) => isConnected);
  return true;
}

function whyLess(facts: ReviewFacts): string {
  if (facts.credentials.some(({ isConnected }) => !isConnected)) return "Its system is known from files only: nothing can be rehearsed or removed there by Curfew.";
  return "Nothing is chosen. A staged decision can be corrected until it is submitted.";
}

function TakeBack({ itemId, onTaken }: { itemId: string; onTaken: () => void }) {
  const [state, take] = useActionState(unstage, idle);
  useEffect(() => {
    if (state.status === "done") onTaken();
    // Once for each answer of the server.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state]);
  return (
    <Button
      kind="quiet"
      type="submit"
      formAction={() => {
        const form = new FormData();
        form.set("itemId", itemId);
        take(form);
      }}
    >
      Take it back
    </Button>
  );
}
