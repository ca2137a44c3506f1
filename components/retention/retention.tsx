"use client";

import { useActionState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Act, saidOf } from "@/components/ui/form/act";
import { Button } from "@/components/ui/form/button";
import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import form from "@/components/ui/form/form.module.css";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { idle } from "@/lib/platform/action-state";
import { formatCount, formatPlural, formatUtcDay } from "@/lib/platform/format";
import { changeRetentionAction, forgetPersonAction, liftHoldAction, makeHoldAction } from "@/lib/retention/actions";
import type { Erasable, Forgettable, ForgettingView, HoldView } from "@/lib/retention/types";
import styles from "./retention.module.css";

const refusals = {
  "unknown-subject": "That is not known any more. Choose again.",
  "unknown-hold": "This hold is lifted already.",
  "unknown-person": "This person is not known.",
  "still-here": "Only somebody who has left can be forgotten. Set them to left first, on their page.",
  "on-hold": "A hold keeps what is said about this person. Nothing was erased.",
  "being-forgotten": "This person is being forgotten already.",
  "forgotten-already": "This person is forgotten already.",
} as const;

const many = (values: number, isMore = false) => `${isMore ? "more than " : ""}${formatPlural(values, "name or text", "names and texts")}`;

type KeepingProps = { days: number | null; counted: number | null; erasable: Erasable | null; mayManage: boolean };

/** How long names are kept; what another answer would erase is counted before anybody can give it. */
export function Keeping({ days, counted, erasable, mayManage }: KeepingProps) {
  return (
    <Section title="How long" note="Events themselves stay for ever, with salted hashes of what was said. Without the text beside it, a hash says nothing; every proof stays good.">
      <p>{days === null ? "Names and free text are kept for ever." : `Names and free text are erased ${formatPlural(days, "day")} after their event.`}</p>
      {mayManage ? (
        <form method="get" className={styles.inline} aria-label="Count what would be erased">
          <TextField label="Erase after, in days" name="days" inputMode="numeric" defaultValue={String(counted ?? days ?? 1095)} autoComplete="off" hint="From 30 to 36,500. First it is counted." />
          <Button type="submit">Count</Button>
        </form>
      ) : null}
      {erasable && counted !== null ? (
        <div className={styles.counted} role="status">
          <p>
            <strong>{many(erasable.values, erasable.isMore)}</strong> from before {formatUtcDay(erasable.before)} would be erased now, for good
            {erasable.held > 0 ? `; ${formatCount(erasable.held)} more are on hold and stay` : ""}.
          </p>
          <Act
            action={changeRetentionAction}
            fields={{ days: String(counted) }}
            kind="danger"
            pendingText="Saving…"
            refusals={refusals}
            confirm={{ title: `Erase after ${formatPlural(counted, "day")}?`, text: `${many(erasable.values, erasable.isMore)} are erased within the hour, and others as their time comes. Nobody can bring them back. The events stay.` }}
          >
            {`Erase after ${formatPlural(counted, "day")}`}
          </Act>
        </div>
      ) : null}
      {mayManage && days !== null ? <Act action={changeRetentionAction} fields={{ days: "" }} pendingText="Saving…" refusals={refusals}>Keep for ever</Act> : null}
    </Section>
  );
}

/** What nobody erases while it is needed. */
export function Holds({ holds, choices, mayManage }: { holds: readonly HoldView[]; choices: readonly { value: string; label: string }[]; mayManage: boolean }) {
  const [state, submit, isPending] = useActionState(makeHoldAction, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = state.status === "invalid" ? null : saidOf(state, refusals);
  return (
    <Section title="Holds" note="What is on hold is not erased, neither after its time nor with a person who is forgotten.">
      {holds.length === 0 ? (
        <EmptyState small title="Nothing is on hold" why="A lawsuit or an investigation may need names longer than they are kept." />
      ) : (
        <ListRows label="Holds">
          {holds.map(({ id, about, reason, madeBy, madeAt }) => (
            <ListRow
              key={id}
              head={<strong>{about}</strong>}
              end={mayManage ? <Act action={liftHoldAction} fields={{ holdId: id }} kind="danger" pendingText="Lifting…" label={`Lift the hold on ${about}`} refusals={refusals} confirm={{ title: "Lift this hold?", text: "What was kept long enough is erased within the hour." }}>Lift</Act> : null}
              facts={<><span>{reason}</span><span>by {madeBy} <RelativeTime at={madeAt} what="put on hold" /></span></>}
            />
          ))}
        </ListRows>
      )}
      {mayManage ? (
        <details className={styles.more}>
          <summary>Put something on hold</summary>
          <KeptForm submit={submit} className={form.form} label="Put something on hold">
            <div className={form.group}>
              <ChoiceField label="What" name="about" data={[{ value: "", label: "Choose…" }, ...choices]} errors={errors["about"]} />
              <TextAreaField label="Why" name="reason" maxLength={300} placeholder="Lawsuit 4 O 12/26" errors={errors["reason"]} />
            </div>
            {said ? <Banner tone="trouble" live>{said}</Banner> : null}
            <SaveButton pending={isPending} pendingText="Putting…">Put on hold</SaveButton>
          </KeptForm>
        </details>
      ) : null}
    </Section>
  );
}

/** Forgetting somebody who left, counted first. */
export function Forgetting({ leavers, person, forgettings }: { leavers: readonly { id: string; name: string }[]; person: Forgettable | null; forgettings: readonly ForgettingView[] }) {
  return (
    <Section title="Forget a person" note="For somebody who left: their name, address and sign-in, all they wrote and all that is said about them is erased. What they did stays, as done by a forgotten person.">
      {forgettings.length > 0 ? (
        <ListRows label="Being forgotten">
          {forgettings.map(({ id, name, askedAt, isStopped }) => (
            <ListRow
              key={id}
              head={<strong>{name}</strong>}
              facts={
                <>
                  <span role="status">{isStopped ? "stopped: a hold keeps something that is about or by them. Lift it, then forget them again" : "being forgotten, step by step"}</span>
                  <span>asked <RelativeTime at={askedAt} what="asked" /></span>
                </>
              }
            />
          ))}
        </ListRows>
      ) : null}
      {leavers.length === 0 ? (
        <EmptyState small title="Nobody to forget" why="Only people who left can be forgotten." />
      ) : (
        <form method="get" className={styles.inline} aria-label="Look what would be erased">
          <ChoiceField label="Who left" name="person" defaultValue={person?.id ?? ""} data={[{ value: "", label: "Choose…" }, ...leavers.map(({ id, name }) => ({ value: id, label: name }))]} />
          <Button type="submit">Count</Button>
        </form>
      )}
      {person ? (
        <div className={styles.counted} role="status">
          <p>
            <strong>{many(person.values, person.isMore)}</strong> about {person.name} (left <RelativeTime at={person.leftAt} what="left" />), and all that {person.name} wrote, would be erased, for good.
            {person.isHeld ? " A hold keeps them: lift it first." : ""}
          </p>
          {person.isHeld ? null : (
            <>
              <Act action={makeHoldAction} fields={{ about: `person:${person.id}`, reason: "Not to be forgotten" }} pendingText="Putting…" refusals={refusals}>Put on hold instead</Act>{" "}
              <Act
                action={forgetPersonAction}
                fields={{ personId: person.id }}
                kind="danger"
                pendingText="Forgetting…"
                refusals={refusals}
                confirm={{ title: `Forget ${person.name}?`, text: "Nobody can bring it back. The events stay, and every proof stays good.", typeToConfirm: person.name }}
              >
                {`Forget ${person.name}`}
              </Act>
            </>
          )}
        </div>
      ) : null}
    </Section>
  );
}
