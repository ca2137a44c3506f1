"use client";

import { useActionState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { saidOf } from "@/components/ui/form/act";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import form from "@/components/ui/form/form.module.css";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { savePreferencesAction } from "@/lib/notifications/actions";
import { modesOf } from "@/lib/notifications/rules";
import { groupWords } from "@/lib/notifications/sentences";
import type { Preferences } from "@/lib/notifications/types";
import { idle } from "@/lib/platform/action-state";
import styles from "./preferences.module.css";
import { modeNames } from "./words";

type PreferencesProps = { preferences: Preferences; address: string | null; isMailSent: boolean; timeZones: readonly string[] };

const chosen = ["decisions", "own", "trouble"] as const;
const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const hours = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: clock(hour * 60) }));

/** How one person wants to be told by mail; the inbox gets everything. */
export function PreferencesForm({ preferences, address, isMailSent, timeZones }: PreferencesProps) {
  const [state, submit, isPending] = useActionState(savePreferencesAction, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = state.status === "invalid" ? null : saidOf(state, {});
  return (
    <KeptForm submit={submit} className={form.form} label="How you are told">
      <MailNote address={address} isMailSent={isMailSent} />
      <fieldset className={form.group}>
        <legend>By mail</legend>
        {chosen.map((group) => (
          <ChoiceField
            key={group}
            label={groupWords[group].label}
            hint={groupWords[group].note}
            name={group}
            defaultValue={preferences.mail[group]}
            data={modesOf(group).map((mode) => ({ value: mode, label: modeNames[mode] }))}
            errors={errors[group]}
          />
        ))}
        <p className={form.note}>
          <strong>{groupWords.emergency.label}</strong>: {groupWords.emergency.note.charAt(0).toLowerCase()}
          {groupWords.emergency.note.slice(1)}.
        </p>
      </fieldset>
      <fieldset className={form.group}>
        <legend>When</legend>
        <div className={form.pair}>
          <ChoiceField label="The daily mail comes at" name="dailyHour" defaultValue={String(preferences.dailyHour)} data={hours} errors={errors["dailyHour"]} />
          <ChoiceField label="Your time zone" name="timeZone" defaultValue={preferences.timeZone} data={[...timeZones]} errors={errors["timeZone"]} />
        </div>
        <label className={styles.check}>
          <input type="checkbox" name="isQuiet" value="yes" defaultChecked={preferences.quiet !== null} />
          Quiet hours: what comes in them is sent at their end
        </label>
        <div className={form.pair}>
          <TextField label="Quiet from" name="quietFrom" type="time" required defaultValue={clock(preferences.quiet?.from ?? 22 * 60)} errors={errors["quietFrom"]} />
          <TextField label="Quiet until" name="quietUntil" type="time" required defaultValue={clock(preferences.quiet?.until ?? 7 * 60)} errors={errors["quietUntil"]} />
        </div>
      </fieldset>
      {said ? <Banner tone="trouble" live>{said}</Banner> : null}
      {state.status === "done" ? <p role="status" className={styles.saved}>Saved. It holds from the next notice on.</p> : null}
      <SaveButton pending={isPending} pendingText="Saving…">Save how you are told</SaveButton>
    </KeptForm>
  );
}

function MailNote({ address, isMailSent }: { address: string | null; isMailSent: boolean }) {
  if (!isMailSent) return <Banner>No mail server is set up, so nothing is sent by mail. You are told in the inbox; what you choose here holds once there is one.</Banner>;
  if (address === null) return <Banner tone="trouble">Your identity provider gives no mail address for you, so nothing can be sent. You are told in the inbox.</Banner>;
  return <p className={form.note}>Everything is in your inbox. Mails go to {address}.</p>;
}
