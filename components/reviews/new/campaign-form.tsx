"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useActionState, useEffect, useState } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { idle } from "@/lib/platform/action-state";
import { formatPlural } from "@/lib/platform/format";
import { startCampaignAction } from "@/lib/reviews/actions";
import { missedActions, reviewerRoles, type ReviewerRole } from "@/lib/reviews/types";
import type { CampaignPreview, ViewOption } from "@/lib/reviews/views/draft-types";
import { dayIn } from "../days";
import { problemOf } from "../form-problem";
import { missedWords } from "../words";
import styles from "./new.module.css";
import { PreviewPanel } from "./preview-panel";
import { usePreview } from "./use-preview";

const start = survivingLoss(startCampaignAction);
const usualDays = 14;
const askedWords = { owner: "Owner", backup: "Backup", sponsor: "Sponsor" } as const satisfies Record<ReviewerRole, string>;

type CampaignFormProps = { scope: string; views: readonly ViewOption[]; preview: CampaignPreview; idempotencyKey: string };

/** A campaign put together: which identities, who is asked, until when, and what a missed review does; with whom it would ask. */
export function CampaignForm({ scope: given, views, preview: first, idempotencyKey }: CampaignFormProps) {
  const router = useRouter();
  const [state, submit] = useActionState(start, idle);
  const [scope, setScope] = useState(given);
  const [reviewers, setReviewers] = useState<readonly ReviewerRole[]>(reviewerRoles);
  const { preview, isAsking } = usePreview(first, { scope, reviewers });
  const [due] = useState(() => dayIn(usualDays));
  const { said, field } = problemOf(state);
  const typed = "values" in state ? state.values : {};
  const at = (name: string) => (field === name && said ? [said] : undefined);
  const fieldNames = ["name", "dueOn", "onMissed"];
  useEffect(() => {
    if (state.status === "done") router.push(`/reviews/${state.value.reviewId}` as Route);
  }, [state, router]);
  const known = views.some(({ query }) => query === scope);
  const options = [
    { value: "", label: "Every identity" },
    ...(scope !== "" && !known ? [{ value: scope, label: "What you chose in the list of identities" }] : []),
    ...(given !== "" && given !== scope && !views.some(({ query }) => query === given) ? [{ value: given, label: "What you chose in the list of identities" }] : []),
    ...uniqueQueries(views).map(({ query, name }) => ({ value: query, label: name })),
  ];
  return (
    <form action={submit} className={styles.form} noValidate>
      <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
      {said && !fieldNames.includes(field ?? "") ? <p role="alert" className={styles.problem}>{said}</p> : null}
      <TextField label="Name" name="name" maxLength={120} defaultValue={typed["name"] ?? ""} errors={at("name")} hint="What people see who are asked, for example “Payments, fourth quarter”." autoComplete="off" />
      <ChoiceField label="Identities" name="scope" data={options} value={scope} onChange={(event) => setScope(event.currentTarget.value)} hint="Any saved view of the list of identities, or what you filtered there. The population is frozen when the campaign starts." />
      <fieldset className={styles.asked}>
        <legend className={styles.legend}>Who is asked, in this order</legend>
        {reviewerRoles.map((role) => (
          <label key={role} className={styles.check}>
            <input
              type="checkbox"
              name="reviewers"
              value={role}
              checked={reviewers.includes(role)}
              onChange={() => setReviewers(reviewerRoles.filter((other) => (other === role ? !reviewers.includes(role) : reviewers.includes(other))))}
            />
            {askedWords[role]}
          </label>
        ))}
        <p className={styles.quiet}>The first who is there is asked; the others can stand in. Where nobody is, administrators are asked.</p>
      </fieldset>
      <TextField label="Due" name="dueOn" type="date" defaultValue={typed["dueOn"] ?? due} errors={at("dueOn")} hint="To the end of that day, UTC. People are reminded 3 days before." />
      <fieldset className={styles.asked}>
        <legend className={styles.legend}>A review that is missed</legend>
        {missedActions.map((action) => (
          <label key={action} className={styles.check}>
            <input type="radio" name="onMissed" value={action} defaultChecked={typed["onMissed"] === action} />
            {missedWords[action]}
          </label>
        ))}
        {at("onMissed") ? <p role="alert" className={styles.problem}>{said}</p> : null}
      </fieldset>
      <PreviewPanel preview={preview} isAsking={isAsking} />
      <div>
        <SubmitButton kind="primary" pendingText="Starting…" disabled={preview.items === 0}>{`Start with ${formatPlural(preview.items, "item")}`}</SubmitButton>
      </div>
    </form>
  );
}

/** Two views of the same filter are one choice. */
function uniqueQueries(views: readonly ViewOption[]): ViewOption[] {
  return views.filter(({ query }, index) => query !== "" && views.findIndex((other) => other.query === query) === index);
}
