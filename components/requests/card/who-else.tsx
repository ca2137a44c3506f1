import { IconCheck, IconX } from "@tabler/icons-react";
import { PersonName } from "@/components/ui/names/person-name";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatPlural, formatSeconds } from "@/lib/platform/format";
import type { RequestView, StageView, VoteView } from "@/lib/requests/views/types";
import { sayWhy } from "../words";
import styles from "./card.module.css";
import { Column, type Level } from "./column";

/** The stages: who is asked, who has voted and why, and who may not. */
export function WhoElse({ request, level }: { request: RequestView; level: Level }) {
  const { stages, side, viewer, state } = request;
  const title = state === "pending" ? "Who decides" : "Who decided";
  return (
    <Column title={title} level={level}>
      {stages.length === 0 ? <p className={styles.lead}>Nobody had to be asked: policy approved it</p> : null}
      <ol className={styles.stages}>
        {stages.map((stage) => (
          <Stage key={stage.id} stage={stage} of={stages.length} viewerId={viewer.personId} />
        ))}
      </ol>
      {side.length > 0 && (stages.length > 0 || state === "pending") ? (
        <details className={styles.side}>
          <summary>{formatPlural(side.length, "person", "people")} on the asking side may not vote</summary>
          <ul className={styles.sideList}>
            {side.map(({ person, why }) => (
              <li key={person.id}>
                <PersonName person={person} isYou={person.id === viewer.personId} /> <span className={styles.quiet}>{sayWhy(why)}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </Column>
  );
}

const stageWords = {
  open: "decides now",
  waiting: "comes later",
  approved: "approved",
  denied: "denied",
  void: "was not needed any more",
} satisfies Record<StageView["state"], string>;

function Stage({ stage, of, viewerId }: { stage: StageView; of: number; viewerId: string }) {
  const approvals = stage.votes.filter(({ answer }) => answer === "approve").length;
  const waiting = stage.asked.filter(({ id }) => !stage.votes.some(({ person }) => person.id === id));
  const more = stage.askedCount - stage.asked.length;
  const isAsking = stage.state === "open" || stage.state === "waiting";
  return (
    <li className={styles.stage} data-state={stage.state}>
      <p className={styles.stageHead}>
        <span className={styles.stageName}>
          {of > 1 ? `Stage ${stage.position + 1} of ${of} · ` : null}
          {capital(stage.label)}
        </span>
        <span className={styles.stageCount} title={`${approvals} of ${stage.needed} approvals`}>
          {approvals}/{stage.needed}
        </span>
      </p>
      <p className={styles.quiet}>{stageWords[stage.state]}</p>
      <ul className={styles.votes}>
        {stage.votes.map((vote) => (
          <Vote key={vote.person.id} vote={vote} isYou={vote.person.id === viewerId} />
        ))}
        {isAsking && waiting.length > 0 ? (
          <li className={styles.askedPeople}>
            {waiting.map((person) => (
              <PersonName key={person.id} person={person} isYou={person.id === viewerId} />
            ))}
            {more > 0 ? <span className={styles.quiet}>and {more} more</span> : null}
          </li>
        ) : null}
      </ul>
    </li>
  );
}

function Vote({ vote, isYou }: { vote: VoteView; isYou: boolean }) {
  const isYes = vote.answer === "approve";
  return (
    <li className={styles.vote} data-answer={vote.answer}>
      <span className={styles.voteHead}>
        {isYes ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}
        <PersonName person={vote.person} isYou={isYou} />
        <span className={styles.quiet}>
          {isYes ? `approved ${formatSeconds(vote.durationSeconds)}` : "denied"} · <RelativeTime at={vote.at} what="voted" />
        </span>
      </span>
      {vote.reason ? <q className={styles.voteReason}>{vote.reason}</q> : <span className={styles.erased}>reason erased</span>}
    </li>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
