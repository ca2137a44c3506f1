import { IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatList, formatSeconds } from "@/lib/platform/format";
import type { DecisionView, RequestView } from "@/lib/requests/views/types";
import { askerName, sayOwnSide } from "../words";
import styles from "./bar.module.css";

type Cannot = Extract<DecisionView, { may: false }>;

/** Where the buttons would be: why this person cannot decide. */
export function WhyNot({ request, decision }: { request: RequestView; decision: Cannot }) {
  return (
    <div className={styles.whyNot}>
      <IconInfoCircle size={16} aria-hidden className={styles.whyIcon} />
      <p>{words(request, decision)}</p>
    </div>
  );
}

function words(request: RequestView, { code, why, vote }: Cannot): ReactNode {
  const open = request.stages.find(({ state }) => state === "open");
  switch (code) {
    case "own-side":
      return sayOwnSide(why, request.identity.name);
    case "already-voted":
      return (
        <>
          You {vote?.answer === "deny" ? "denied" : "approved"} this {vote ? <RelativeTime at={vote.at} /> : null}
          {open ? `. It waits for ${open.label}.` : "."}
        </>
      );
    case "seat-taken":
      return "One seat is one vote: whom you act for, or who acts for you, has voted in this stage already.";
    case "not-asked":
      return `You are not asked about this request. ${open ? `It waits for ${open.label}: ${namesOf(open.asked)}.` : ""}`;
    case "not-your-turn":
      return `Not your turn yet: ${open ? `${open.label} decides first` : "an earlier stage decides first"}. You are asked after it.`;
    case "decision-time-over":
      return "The time to decide is over. The request lapses and can be asked again.";
    case "no-role":
      return "You are asked, but you do not hold a role that decides. An administrator can give you one.";
    case "not-pending":
      return <Decided request={request} />;
  }
}

function Decided({ request }: { request: RequestView }) {
  const { state, decidedAt, stages } = request;
  const at = decidedAt ? <RelativeTime at={decidedAt} /> : null;
  const votes = stages.flatMap((stage) => stage.votes);
  if (state === "withdrawn") return <>{askerName(request.asker)} withdrew it {at}.</>;
  if (state === "lapsed") return <>It lapsed {at}: {request.activateBefore !== null ? "nobody activated it in time" : "nobody decided in time"}.</>;
  const voters = votes.filter(({ answer }) => (state === "denied" ? answer === "deny" : answer === "approve")).map(({ person }) => (person.id === request.viewer.personId ? "you" : person.name));
  const by = voters.length > 0 ? `by ${formatList(voters)}` : "by policy alone";
  if (state === "denied") return <>It was denied {by} {at}.</>;
  return (
    <>
      It was approved {by} {at}, for {formatSeconds(request.grantedDurationSeconds)}. {request.grants[0]?.state === "ready" ? `${askerName(request.asker)} can activate it now.` : null}
    </>
  );
}

function namesOf(people: readonly { readonly name: string }[]): string {
  return formatList(people.slice(0, 5).map(({ name }) => name), "or");
}

/** What a vote led to, said once. */
export function sayOutcome(request: RequestView, value: { readonly state: RequestView["state"]; readonly stagesLeft: number }): string {
  const asker = askerName(request.asker);
  switch (value.state) {
    case "approved":
      return `Approved for ${formatSeconds(request.grantedDurationSeconds)}. ${asker} can activate it now.`;
    case "denied":
      return `Denied. ${asker} sees your reason.`;
    case "pending": {
      const open = request.stages.find(({ state }) => state === "open");
      return `Your approval counts. It still waits for ${open?.label ?? "another stage"}.`;
    }
    case "withdrawn":
    case "lapsed":
      return `It is ${value.state}.`;
  }
}
