"use client";

import { useActionState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { saidOf } from "@/components/ui/form/act";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import form from "@/components/ui/form/form.module.css";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { CodeBlock } from "@/components/ui/page/code-block";
import { makeWebhookAction } from "@/lib/notifications/actions";
import { groupWords } from "@/lib/notifications/sentences";
import { noticeGroups, webhookFormats } from "@/lib/notifications/types";
import { idle } from "@/lib/platform/action-state";
import styles from "./preferences.module.css";
import { formatNames, webhookRefusals } from "./words";

/** Sets up a webhook; its signing secret is shown once. */
export function WebhookForm({ teams }: { teams: readonly { readonly id: string; readonly name: string }[] }) {
  const [state, submit, isPending] = useActionState(makeWebhookAction, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = state.status === "invalid" ? null : saidOf(state, webhookRefusals);
  if (state.status === "done") return <Made secret={state.value.secret} />;
  return (
    <details className={styles.more}>
      <summary>Set up a webhook</summary>
      <KeptForm submit={submit} className={form.form} label="Set up a webhook">
        <div className={form.group}>
          <TextField label="Name" name="name" maxLength={60} placeholder="#access in chat" autoComplete="off" errors={errors["name"]} />
          <ChoiceField
            label="It understands"
            name="format"
            data={webhookFormats.map((format) => ({ value: format, label: formatNames[format] }))}
            hint="Slack-compatible: Slack, Mattermost, Rocket.Chat. Standard Webhooks: signed JSON for programs."
            errors={errors["format"]}
          />
          <TextField label="Address" name="url" type="url" placeholder="https://" autoComplete="off" hint="Kept sealed: this page shows only its host again." errors={errors["url"]} />
          <fieldset className={styles.groups}>
            <legend>What it is told about</legend>
            {noticeGroups.map((group) => (
              <label key={group} className={styles.check}>
                <input type="checkbox" name="groups" value={group} />
                {groupWords[group].label}
              </label>
            ))}
            {errors["groups"] ? <p role="alert" className={styles.problem}>{errors["groups"][0]}</p> : null}
          </fieldset>
          <ChoiceField
            label="As far as this team is told"
            name="teamId"
            data={[{ value: "", label: "everybody" }, ...teams.map(({ id, name }) => ({ value: id, label: name }))]}
            hint="Who reads the channel learns what it is told: choose the team whose channel it is."
            errors={errors["teamId"]}
          />
          <label className={styles.check}>
            <input type="checkbox" name="mayBeInside" value="yes" />
            This very host may stand inside our network
          </label>
        </div>
        {said ? <Banner tone="trouble" live>{said}</Banner> : null}
        <SaveButton pending={isPending} pendingText="Setting up…">Set up webhook</SaveButton>
      </KeptForm>
    </details>
  );
}

function Made({ secret }: { secret: string | null }) {
  if (secret === null) return <Banner live>The webhook is set up. It gets the next notice.</Banner>;
  return (
    <div className={styles.made}>
      <Banner live>The webhook is set up. With this secret its receiver checks that a message is ours; it is shown once: this page forgets it when you leave.</Banner>
      <CodeBlock code={secret} what="signing secret" />
    </div>
  );
}
