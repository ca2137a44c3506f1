"use client";

import { useActionState } from "react";
import { idle } from "@/lib/platform/action-state";
import { decideRequestAction } from "@/lib/requests/actions";
import type { RequestView } from "@/lib/requests/views/types";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import styles from "./bar.module.css";
import { DecisionForm } from "./decision-form";
import { sayOutcome, WhyNot } from "./why-not";

type DecisionBarProps = {
  request: RequestView;
  /** What an approval gives: at most what is asked. */
  givenSeconds: number;
  onGive: (seconds: number) => void;
  /** Nothing to decide and nobody to tell why not. */
  isQuiet: boolean;
};

const decide = survivingLoss(decideRequestAction);

/** Approve and deny as equals, with a reason; or why you cannot. It stays on screen below the facts. */
export function DecisionBar({ request, givenSeconds, onGive, isQuiet }: DecisionBarProps) {
  const [state, submit] = useActionState(decide, idle);
  const { decision } = request.viewer;
  return (
    <footer className={isQuiet ? undefined : styles.bar}>
      <p role="status" className="visually-hidden">
        {state.status === "done" ? sayOutcome(request, state.value) : ""}
      </p>
      {decision.may ? (
        <DecisionForm request={request} state={state} submit={submit} givenSeconds={givenSeconds} onGive={onGive} />
      ) : isQuiet ? null : (
        <WhyNot request={request} decision={decision} />
      )}
    </footer>
  );
}
