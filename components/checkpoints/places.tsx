"use client";

import { useActionState, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Act, saidOf } from "@/components/ui/form/act";
import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import form from "@/components/ui/form/form.module.css";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import { makePlaceAction, removePlaceAction, sendNowAction } from "@/lib/checkpoints/actions";
import { placeKinds, type PlaceKind, type PlaceView } from "@/lib/checkpoints/types";
import { idle } from "@/lib/platform/action-state";
import { formatCount, formatPlural } from "@/lib/platform/format";
import styles from "./checkpoints.module.css";
import { checkpointRefusals, failureWords, kindNames } from "./words";

/** Where checkpoints are taken, and what came of it. */
export function Places({ places, mayManage, isMailSent }: { places: readonly PlaceView[]; mayManage: boolean; isMailSent: boolean }) {
  return (
    <Section title="Outside" note="Twice a day and after each export, the newest checkpoint is taken to each of these. Whoever holds one can show later that events before it were changed.">
      {places.length === 0 ? (
        <EmptyState small title="No checkpoint leaves the house" why="Whoever can write to Curfew’s database and knows its secret key could rewrite the past, and nobody could show it. Name a place that its administrators cannot write to." />
      ) : (
        <ListRows label="Places">
          {places.map((place) => (
            <Place key={place.id} place={place} mayManage={mayManage} />
          ))}
        </ListRows>
      )}
      {mayManage ? <NewPlace isMailSent={isMailSent} /> : null}
    </Section>
  );
}

function Place({ place, mayManage }: { place: PlaceView; mayManage: boolean }) {
  const { id, kind, name, address, mayBeInside, madeBy, madeAt, sentSize, sentAt, failingSince, failures, lastCode, dueAt, isAsked, isAnchored } = place;
  return (
    <ListRow
      head={
        <>
          <strong>{name}</strong>
          {failingSince ? <StateBadge tone="stuck">not getting there</StateBadge> : null}
        </>
      }
      end={
        mayManage ? (
          <>
            <Act action={sendNowAction} fields={{ placeId: id }} pendingText="Asking…" label={`Send to ${name} now`} refusals={checkpointRefusals}>Send now</Act>{" "}
            <Act
              action={removePlaceAction}
              fields={{ placeId: id }}
              kind="danger"
              pendingText="Removing…"
              label={`Remove ${name}`}
              refusals={checkpointRefusals}
              confirm={{ title: `Remove ${name}?`, text: "No checkpoint is taken there any more. What is there stays there." }}
            >
              Remove
            </Act>
          </>
        ) : null
      }
      facts={
        <>
          <span className={styles.address}>{kindNames[kind]}: {address}{mayBeInside ? ", inside the network" : ""}</span>
          <span>set up by {madeBy} <RelativeTime at={madeAt} what="set up" /></span>
          <span>{sentAt !== null && sentSize !== null ? <>{formatCount(sentSize)} events there since <RelativeTime at={sentAt} what="sent" /></> : "nothing there yet"}</span>
          {failingSince ? <span>{formatPlural(failures, "failure")} in a row: {failureWords(lastCode)}; tried again <RelativeTime at={dueAt} what="tried again" /></span> : null}
          {isAnchored === null ? null : <span>{isAnchored ? "its signature is checked, and its certificate leads to one given here" : "its signature is checked; its certificate is not anchored: no certificate was given to hold it against"}</span>}
          {isAsked && !failingSince ? <span role="status">on its way</span> : null}
        </>
      }
    />
  );
}

const hints: Readonly<Record<PlaceKind, string>> = {
  file: "A folder of the machine that the worker runs on, mounted from outside; best one that is written once. One file a checkpoint, never overwritten.",
  mail: "Such as the auditors’ mailbox.",
  url: "The checkpoint is posted there as text.",
  witness: "Its prefix; Curfew posts to …/add-checkpoint (C2SP tlog-witness). It has to know this log’s key.",
  timestamp: "An RFC 3161 authority. Its token is kept beside the checkpoint.",
};

function NewPlace({ isMailSent }: { isMailSent: boolean }) {
  const [state, submit, isPending] = useActionState(makePlaceAction, idle);
  const [kind, setKind] = useState<PlaceKind>("file");
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = state.status === "invalid" ? null : saidOf(state, checkpointRefusals);
  const isNetwork = kind === "url" || kind === "witness" || kind === "timestamp";
  return (
    <details className={styles.more}>
      <summary>Name a place</summary>
      <KeptForm submit={submit} className={form.form} label="Name a place">
        <div className={form.group}>
          <ChoiceField
            label="It is"
            name="kind"
            value={kind}
            onChange={({ currentTarget }) => setKind(placeKinds.find((known) => known === currentTarget.value) ?? "file")}
            data={placeKinds.map((known) => ({ value: known, label: kindNames[known] }))}
            errors={errors["kind"]}
          />
          <TextField label="Name" name="name" maxLength={60} placeholder="Auditors" autoComplete="off" errors={errors["name"]} />
          <TextField label={kind === "file" ? "Folder" : kind === "mail" ? "Mail address" : "Address"} name="address" maxLength={500} autoComplete="off" hint={hints[kind]} errors={errors["address"]} />
          {kind === "witness" ? <TextField label="Verifier key" name="verifierKey" maxLength={400} autoComplete="off" placeholder="name+id+base64" errors={errors["verifierKey"]} /> : null}
          {kind === "timestamp" ? (
            <TextAreaField label="Certificates" name="certificates" maxLength={20_000} spellCheck={false} placeholder="-----BEGIN CERTIFICATE-----" hint="In PEM: the authority’s own, or the root that it leads to. Without one, anybody’s signature is taken." errors={errors["certificates"]} />
          ) : null}
          {isNetwork ? (
            <label className={styles.check}>
              <input type="checkbox" name="mayBeInside" value="yes" />
              This very host may stand inside our network
            </label>
          ) : null}
          {kind === "mail" && !isMailSent ? <Banner tone="warning">No mail server is set up: nothing gets there until SMTP_URL and MAIL_FROM are.</Banner> : null}
        </div>
        {said ? <Banner tone="trouble" live>{said}</Banner> : null}
        {state.status === "done" ? <Banner live>The first checkpoint is on its way there.</Banner> : null}
        <SaveButton pending={isPending} pendingText="Setting up…">Take checkpoints there</SaveButton>
      </KeptForm>
    </details>
  );
}
