"use client";

import { useState } from "react";
import card from "@/components/queue/card.module.css";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import type { Decision, Recommendation, ReviewFacts } from "@/lib/reviews/types";
import type { DraftView } from "@/lib/reviews/views/types";
import { dayIn, usualFollowUpDays, usualKeepDays } from "../days";
import styles from "./card.module.css";

type DecisionTermsProps = { decision: Decision; facts: ReviewFacts; recommendation: Recommendation | null; draft: DraftView | null };

/** What a decision needs beside its reason. */
export function DecisionTerms(props: DecisionTermsProps) {
  switch (props.decision) {
    case "keep":
      return <Day label="Keep until" hint="It is asked about again then, or when something changes." days={usualKeepDays} draft={props.draft} />;
    case "rotate":
      return <Day label="Rotated by" hint="Counts as done when discovery sees new credentials; overdue after this day." days={usualFollowUpDays} draft={props.draft} />;
    case "narrow":
      return <Narrow {...props} />;
    case "rehearse":
      return <Rehearse draft={props.draft} />;
    case "offboard":
      return <Offboard {...props} />;
  }
}

function Day({ label, hint, days, draft }: { label: string; hint: string; days: number; draft: DraftView | null }) {
  const [day] = useState(() => draft?.until?.slice(0, 10) ?? dayIn(days));
  return <TextField label={label} hint={hint} name="until" type="date" defaultValue={day} />;
}

function Narrow({ facts, recommendation, draft }: DecisionTermsProps) {
  const standing = facts.entitlements.filter(({ kind }) => kind === "standing");
  const recommended = recommendation?.decision === "narrow" ? recommendation.assignmentIds : [];
  return (
    <>
      <fieldset className={styles.taken}>
        <legend className={styles.legend}>Take away</legend>
        {standing.map((one) => (
          <label key={one.assignmentId} className={styles.check}>
            <input type="checkbox" name="assignmentIds" value={one.assignmentId} defaultChecked={draft?.details.assignmentIds?.includes(one.assignmentId) ?? false} />
            <span>
              {one.name} on {one.system}
              {recommended.includes(one.assignmentId) ? <span className={card.quiet}> · no use seen</span> : null}
            </span>
            <SensitivityMark level={one.sensitivity} />
          </label>
        ))}
      </fieldset>
      <Day label="Taken away by" hint="You get the exact statement for whoever runs the target once this is submitted." days={usualFollowUpDays} draft={draft} />
    </>
  );
}

const lengths = [
  { value: 3_600, label: "1 h" },
  { value: 4 * 3_600, label: "4 h" },
  { value: 86_400, label: "1 d" },
  { value: 3 * 86_400, label: "3 d" },
  { value: 7 * 86_400, label: "7 d" },
  { value: 14 * 86_400, label: "14 d" },
  { value: 30 * 86_400, label: "30 d" },
] as const;

const connections = [
  { value: "leave", label: "stay open until they end by themselves" },
  { value: "cut", label: "are cut at once" },
] as const;

function Rehearse({ draft }: { draft: DraftView | null }) {
  const details = draft?.details;
  return (
    <>
      <ChoiceField label="Comes back by itself after" name="undoAfterSeconds" data={lengths.map(({ value, label }) => ({ value: String(value), label }))} defaultValue={String(details?.undoAfterSeconds ?? 86_400)} />
      <ChoiceField label="Open connections" name="openConnections" data={[...connections]} defaultValue={details?.openConnections ?? "leave"} />
      <label className={styles.check}>
        <input type="checkbox" name="undoAtFirstRefusal" defaultChecked={details?.undoAtFirstRefusal ?? true} />
        <span>Also comes back at the first refused login that is seen</span>
      </label>
    </>
  );
}

function Offboard({ facts, draft }: DecisionTermsProps) {
  return (
    <>
      {facts.rehearsal?.why === "time" ? null : <p className={styles.warn}>It was not rehearsed without trouble: say in a sentence why it can go all the same.</p>}
      <input type="hidden" name="openConnections" value="cut" />
      <label className={styles.check}>
        <input type="checkbox" name="confirmed" defaultChecked={draft?.details.confirmed ?? false} />
        <span>Remove {facts.identity.name} from its systems for good. This cannot be undone.</span>
      </label>
    </>
  );
}
