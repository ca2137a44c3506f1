import type { Route } from "next";
import Link from "next/link";
import { Act } from "@/components/ui/form/act";
import { KeyValue } from "@/components/ui/page/key-value";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateWord } from "@/components/ui/truth/state-badge";
import { approveChangeAction, closeChangeAction, submitChangeAction } from "@/lib/tickets/actions";
import { formatPlural } from "@/lib/platform/format";
import type { ChangeView, Named } from "@/lib/tickets/types";
import styles from "../tickets.module.css";
import { changeRefusals, changeStateWords } from "../words";
import { changeTone } from "./change-tone";

/** One change: what it is, what one may do about it, and what lives on it. */
export function ChangePage({ change }: { change: ChangeView }) {
  return (
    <>
      <div className={styles.acts}>
        <StateWord tone={changeTone[change.state]}>{changeStateWords[change.state]}</StateWord>
        <Acts change={change} />
      </div>
      <Section title="What changes">
        <p className={styles.text}>{change.description}</p>
        <KeyValue columns={2} facts={factsOf(change)} />
      </Section>
      <Section title="Requests that name it">
        {change.requests.length === 0 ? (
          <p className={styles.note}>None that you may see.</p>
        ) : (
          <ul className={styles.list}>
            {change.requests.map(({ id, number, state, live }) => (
              <li key={id}>
                <Link prefetch={false} href={`/requests/${id}` as Route}>
                  Request {number}
                </Link>{" "}
                {state}
                {live > 0 ? `, ${formatPlural(live, "live session")}` : ""}
              </li>
            ))}
          </ul>
        )}
      </Section>
      {change.notes.length > 0 ? (
        <Section title="Written here by Curfew">
          <ul className={styles.list}>
            {change.notes.map(({ marker, text, at }) => (
              <li key={marker}>
                <RelativeTime at={at} what="written" /> {text}
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
    </>
  );
}

function Acts({ change }: { change: ChangeView }) {
  const { id, key, state } = change;
  const live = change.requests.reduce((sum, request) => sum + request.live, 0);
  return (
    <>
      {change.mayEdit ? (
        <Act action={submitChangeAction} fields={{ changeId: id }} pendingText="Handing over…" kind="primary" label={`Give ${key} to others to approve`} refusals={changeRefusals}>
          Ask for approval
        </Act>
      ) : null}
      {change.whyNotApprove === null ? (
        <Act action={approveChangeAction} fields={{ changeId: id }} pendingText="Approving…" kind="primary" label={`Approve ${key}`} refusals={changeRefusals}>
          Approve change
        </Act>
      ) : state === "waiting" ? (
        <p className={styles.why}>{changeRefusals[change.whyNotApprove]}</p>
      ) : null}
      {change.mayClose ? (
        <Act
          action={closeChangeAction}
          fields={{ changeId: id }}
          pendingText="Closing…"
          label={`Close ${key}`}
          refusals={changeRefusals}
          confirm={{
            title: `Close ${key}`,
            text: <p>Every session that lives on it ends at once{live > 0 ? `: ${formatPlural(live, "session")} that you can see` : ""}. It cannot be opened again.</p>,
          }}
        >
          Close change
        </Act>
      ) : null}
    </>
  );
}

function names(of: readonly Named[], path: string, linked: boolean) {
  if (of.length === 0) return "none";
  return (
    <span className={styles.chips}>
      {of.map(({ id, name }) => (linked ? <Link key={id} prefetch={false} href={`/${path}/${id}` as Route}>{name}</Link> : <span key={id}>{name}</span>))}
    </span>
  );
}

function factsOf(change: ChangeView) {
  const { windowFrom, windowUntil, approvedBy, approvedAt, closedBy, closedAt } = change;
  return [
    { key: "systems", label: "Systems", value: names(change.systems, "systems", false) },
    { key: "identities", label: "Identities", value: names(change.identities, "identities", true) },
    { key: "from", label: "Window begins", value: windowFrom ? <RelativeTime at={windowFrom} what="begins" /> : "at once" },
    { key: "until", label: "Window ends", value: windowUntil ? <RelativeTime at={windowUntil} what="ends" /> : "when it is closed" },
    { key: "approved", label: "Approved", value: approvedBy && approvedAt ? <>by {approvedBy}, <RelativeTime at={approvedAt} what="approved" /></> : "not yet" },
    ...(closedBy && closedAt ? [{ key: "closed", label: "Closed", value: <>by {closedBy}, <RelativeTime at={closedAt} what="closed" /></> }] : []),
  ];
}
