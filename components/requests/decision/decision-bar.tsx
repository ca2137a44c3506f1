"use client";

import type { RequestView } from "@/lib/requests/views/types";
import styles from "./bar.module.css";
import { DecisionForm } from "./decision-form";
import type { Giving } from "./giving";
import { useDecision } from "./use-decision";
import { sayOutcome, WhyNot } from "./why-not";

type DecisionBarProps = {
  request: RequestView;
  /** What an approval gives: at most what is asked. */
  giving: Giving;
  onGive: (giving: Giving) => void;
  /** Nothing to decide and nobody to tell why not. */
  isQuiet: boolean;
};

/** Approve and deny as equals, with a reason; or why you cannot. It stays on screen below the facts. */
export function DecisionBar({ request, giving, onGive, isQuiet }: DecisionBarProps) {
  const vote = useDecision(request.viewer.stepUp.needed);
  const { decision } = request.viewer;
  return (
    <footer className={isQuiet ? undefined : styles.bar}>
      <p role="status" className="visually-hidden">
        {vote.state.status === "done" ? sayOutcome(request, vote.state.value) : ""}
      </p>
      {decision.may ? (
        <DecisionForm request={request} vote={vote} giving={giving} onGive={onGive} />
      ) : isQuiet ? null : (
        <WhyNot request={request} decision={decision} />
      )}
    </footer>
  );
}
