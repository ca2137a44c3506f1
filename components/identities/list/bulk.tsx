"use client";

import { startTransition, useActionState, useEffect, useState } from "react";
import { PersonPicker } from "@/components/people/person-picker";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { Dialog } from "@/components/ui/overlay/dialog";
import { answerForManyAction, tagManyAction } from "@/lib/identities/actions";
import type { BulkAnswer } from "@/lib/identities/types";
import type { PersonOption } from "@/lib/people/views/options-types";
import { type ActionState, idle } from "@/lib/platform/action-state";
import { formatCount, formatPlural } from "@/lib/platform/format";
import { problemWords } from "../refusals";
import styles from "./list.module.css";

type BulkProps = { ids: readonly string[]; open: boolean; onClose: () => void };
type Fields = Readonly<Record<string, string>>;

const what = (ids: readonly string[]) => formatPlural(ids.length, "identity", "identities");

/** Names an owner, a sponsor or both for the selection. */
export function AnswerDialog({ ids, open, onClose }: BulkProps) {
  return (
    <Dialog open={open} onClose={onClose} title={`Who answers for ${what(ids)}`}>
      <AnswerForm ids={ids} onClose={onClose} />
    </Dialog>
  );
}

function AnswerForm({ ids, onClose }: Omit<BulkProps, "open">) {
  const [owner, setOwner] = useState<PersonOption | null>(null);
  const [sponsor, setSponsor] = useState<PersonOption | null>(null);
  const bulk = useActionState(answerForManyAction, idle);
  const named = [owner ? `${owner.name} as owner` : null, sponsor ? `${sponsor.name} as sponsor` : null].filter((words) => words !== null);
  return (
    <BulkForm ids={ids} bulk={bulk} onClose={onClose} fields={named.length > 0 ? { ownerId: owner?.id ?? "", sponsorId: sponsor?.id ?? "" } : null} verb={`Name ${named.join(" and ")}`}>
      <p className={styles.note}>Both together end “unowned”. What is left empty here stays as it is. They cannot decide what these identities wait for any more.</p>
      <PersonPicker label="Owner" name="ownerId" picked={owner} onPick={setOwner} />
      <PersonPicker label="Sponsor" name="sponsorId" picked={sponsor} onPick={setSponsor} />
    </BulkForm>
  );
}

/** Adds tags to the selection. */
export function TagDialog({ ids, open, onClose }: BulkProps) {
  return (
    <Dialog open={open} onClose={onClose} title={`Add tags to ${what(ids)}`}>
      <TagForm ids={ids} onClose={onClose} />
    </Dialog>
  );
}

function TagForm({ ids, onClose }: Omit<BulkProps, "open">) {
  const [tags, setTags] = useState("");
  const bulk = useActionState(tagManyAction, idle);
  return (
    <BulkForm ids={ids} bulk={bulk} onClose={onClose} fields={tags.trim() === "" ? null : { tags }} verb="Add the tags">
      <TextField label="Tags" hint="Separated by commas. Tags that are there stay." value={tags} maxLength={1_000} onChange={(event) => setTags(event.currentTarget.value)} />
    </BulkForm>
  );
}

type Bulk = readonly [state: ActionState<BulkAnswer>, submit: (form: FormData) => void, pending: boolean];

type BulkFormProps = {
  ids: readonly string[];
  bulk: Bulk;
  /** Null until there is something to ask. */
  fields: Fields | null;
  verb: string;
  onClose: () => void;
  children: React.ReactNode;
};

/** First asks what would change, then changes it: nothing is committed before "3 of 12 can change" was on the screen. */
function BulkForm({ ids, bulk: [state, submit, isPending], fields, verb, onClose, children }: BulkFormProps) {
  const [asked, setAsked] = useState<string | null>(null);
  const now = fields ? JSON.stringify(fields) : null;
  const answer = state.status === "done" ? state.value : null;
  const preview = answer && !answer.applied && asked === now ? answer : null;
  const problem = problemWords(state) ?? (state.status === "invalid" ? Object.values(state.fieldErrors)[0]?.[0] : null);

  function send(isPreview: boolean) {
    if (!fields || isPending) return;
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, ids: (isPreview ? ids : (preview?.can ?? [])).join(","), preview: isPreview ? "yes" : "no" })) form.set(name, value);
    setAsked(now);
    startTransition(() => submit(form));
  }

  if (answer?.applied) return <Applied answer={answer} onClose={onClose} />;
  return (
    <div className={styles.body}>
      {children}
      {problem ? <p role="alert" className={styles.problem}>{problem}</p> : null}
      <div role="status">{preview ? <Preview answer={preview} /> : null}</div>
      <div className={styles.buttons}>
        {preview && preview.can.length > 0 ? (
          <Button kind="primary" onClick={() => send(false)} aria-disabled={isPending || undefined}>
            {isPending ? "Changing…" : `${verb} for ${formatPlural(preview.can.length, "identity", "identities")}`}
          </Button>
        ) : (
          <Button kind="primary" disabled={!fields} onClick={() => send(true)} aria-disabled={isPending || undefined}>
            {isPending ? "Looking…" : "See what can change"}
          </Button>
        )}
        <Button onClick={onClose}>Keep as it is</Button>
      </div>
    </div>
  );
}

const whyWords: Readonly<Record<string, string>> = {
  "unknown-identity": "not known any more",
  "not-your-identity": "only its owner side and administrators can change it",
  offboarded: "offboarded: nothing about it changes any more",
};

function Preview({ answer: { can, cannot } }: { answer: BulkAnswer }) {
  const all = can.length + cannot.length;
  return (
    <>
      <p className={styles.note}>
        <strong>
          {formatCount(can.length)} of {formatCount(all)} can change.
        </strong>
        {cannot.length > 0 ? " The others stay as they are:" : ""}
      </p>
      {cannot.length > 0 ? <WhyNot cannot={cannot} /> : null}
    </>
  );
}

const mostNamed = 100;

function WhyNot({ cannot }: Pick<BulkAnswer, "cannot">) {
  return (
    // Scrolls by itself: it has to be reachable by keyboard.
     
    <ul className={styles.why} tabIndex={0} aria-label="What cannot change, and why">
      {cannot.slice(0, mostNamed).map(({ id, name, why }) => (
        <li key={id}>
          {name}: {whyWords[why] ?? why}
        </li>
      ))}
      {cannot.length > mostNamed ? <li>and {formatCount(cannot.length - mostNamed)} more</li> : null}
    </ul>
  );
}

function Applied({ answer: { can, cannot }, onClose }: { answer: BulkAnswer; onClose: () => void }) {
  // The change is told once it is done; the focus goes to the way back.
  const [button, setButton] = useState<HTMLButtonElement | null>(null);
  useEffect(() => button?.focus(), [button]);
  return (
    <div className={styles.body}>
      <p role="status" className={styles.note}>
        {formatPlural(can.length, "identity has", "identities have")} changed.
        {cannot.length > 0 ? ` ${formatPlural(cannot.length, "other has", "others have")} not: they changed meanwhile.` : ""}
      </p>
      {cannot.length > 0 ? <WhyNot cannot={cannot} /> : null}
      <div className={styles.buttons}>
        <Button ref={setButton} onClick={onClose}>
          Back to the list
        </Button>
      </div>
    </div>
  );
}
