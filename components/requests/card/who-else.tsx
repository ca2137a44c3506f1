import { IconCheck, IconX } from "@tabler/icons-react";
import card from "@/components/queue/card.module.css";
import { PersonName } from "@/components/ui/names/person-name";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatList, formatPlural, formatSeconds } from "@/lib/platform/format";
import type { AskedView, RequestView, StageView, VoteView } from "@/lib/requests/views/types";
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
      {request.unroutableSince ? (
        <p className={styles.lead} role="status">
          Nobody is left who can decide it, since <RelativeTime at={request.unroutableSince} what="nobody left" />. An administrator can appoint somebody; else it lapses <RelativeTime at={request.decideBefore} what="lapses" />.
        </p>
      ) : null}
      <ol className={styles.stages}>
        {stages.map((stage) => (
          <Stage key={stage.id} stage={stage} stages={stages} viewer={viewer} />
        ))}
      </ol>
      {side.length > 0 && (stages.length > 0 || state === "pending") ? (
        <details className={styles.side}>
          <summary>{formatPlural(side.length, "person", "people")} on the asking side may not vote</summary>
          <ul className={styles.sideList}>
            {side.map(({ person, why }) => (
              <li key={person.id}>
                <PersonName person={person} isYou={person.id === viewer.personId} /> <span className={card.quiet}>{sayWhy(why)}</span>
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

type StageProps = { stage: StageView; stages: readonly StageView[]; viewer: RequestView["viewer"] };

function Stage({ stage, stages, viewer }: StageProps) {
  const approvals = stage.votes.filter(({ answer }) => answer === "approve").length;
  const waiting = stage.asked.filter(({ id }) => !stage.votes.some(({ person }) => person.id === id));
  const more = stage.askedCount - stage.asked.length;
  const isAsking = stage.state === "open" || stage.state === "waiting";
  return (
    <li className={styles.stage} data-state={stage.state}>
      <p className={styles.stageHead}>
        <span className={styles.stageName}>
          {placeOf(stage, stages)}
          {capital(stage.label)}
        </span>
        <span className={styles.stageCount} title={`${approvals} of ${stage.needed} approvals`}>
          {approvals}/{stage.needed}
        </span>
      </p>
      <p className={card.quiet}>
        {stageWords[stage.state]}
        {isAsking ? <StageTime stage={stage} /> : null}
      </p>
      <ul className={styles.votes}>
        {stage.votes.map((vote) => (
          <Vote key={vote.person.id} vote={vote} isYou={vote.person.id === viewer.personId} maySeeEvidence={viewer.maySeeEvidence} />
        ))}
        {isAsking && waiting.length > 0 ? (
          <li className={styles.askedPeople}>
            {waiting.map((person) => (
              <Asked key={person.id} person={person} isYou={person.id === viewer.personId} />
            ))}
            {more > 0 ? <span className={card.quiet}>and {more} more</span> : null}
          </li>
        ) : null}
        {isAsking && waiting.length === 0 && approvals < stage.needed ? <li className={card.quiet}>Nobody is left to ask.</li> : null}
      </ul>
      {isAsking && stage.noLonger.length > 0 ? <NoLonger stage={stage} /> : null}
    </li>
  );
}

/** "Stage 1 of 2 · ", and that others are asked at the same time. */
function placeOf(stage: StageView, stages: readonly StageView[]): string {
  const positions = [...new Set(stages.map(({ position }) => position))];
  const atOnce = stages.filter(({ position }) => position === stage.position).length > 1;
  if (positions.length === 1) return atOnce ? "At once · " : "";
  return `Stage ${positions.indexOf(stage.position) + 1} of ${positions.length}${atOnce ? ", at once" : ""} · `;
}

/** Until when it waits, and what happens then. */
function StageTime({ stage: { dueAt, withinSeconds, escalatesTo, escalatedAt, state } }: { stage: StageView }) {
  const then = escalatesTo !== null && escalatedAt === null ? `then ${escalatesTo} is asked, too` : "then it lapses";
  return (
    <>
      {escalatedAt ? (
        <>
          {" · "}others asked <RelativeTime at={escalatedAt} what="escalated" />
        </>
      ) : null}
      {dueAt ? (
        <>
          {" · "}until <RelativeTime at={dueAt} what="decides until" />, {then}
        </>
      ) : state === "waiting" && withinSeconds !== null ? (
        <> · has {formatSeconds(withinSeconds)}, {then}</>
      ) : null}
    </>
  );
}

const addedWords = {
  asked: "",
  joined: "joined the group",
  "stands-in": "",
  delegate: "",
  escalated: "asked when the time was over",
} satisfies Record<AskedView["why"], string>;

function Asked({ person, isYou }: { person: AskedView; isYou: boolean }) {
  const acts = person.actsFor.length > 0 ? `${person.hasOwnSeat ? "also " : ""}for ${formatList([...person.actsFor])}` : "";
  const said = [acts, person.addedAt ? addedWords[person.why] : ""].filter(Boolean).join(", ");
  return (
    <span>
      <PersonName person={person} isYou={isYou} />
      {said || person.addedAt ? (
        <span className={card.quiet}>
          {" "}
          {said}
          {person.addedAt ? (
            <>
              {said ? " " : "asked "}
              <RelativeTime at={person.addedAt} what="asked since" />
            </>
          ) : null}
        </span>
      ) : null}
    </span>
  );
}

const removedWords = {
  "left-group": "not in the group any more",
  "asking-side": "on the asking side",
  "no-role": "no role that decides",
  "has-left": "has left",
  "no-longer-acts": "acts for nobody here any more",
} satisfies Record<StageView["noLonger"][number]["why"], string>;

function NoLonger({ stage }: { stage: StageView }) {
  return (
    <details className={styles.side}>
      <summary>{formatPlural(stage.noLonger.length, "person is", "people are")} asked no longer</summary>
      <ul className={styles.sideList}>
        {stage.noLonger.map((person) => (
          <li key={person.id}>
            <PersonName person={person} /> <span className={card.quiet}>{removedWords[person.why]}, <RelativeTime at={person.at} what="asked until" /></span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** How a vote came to be, as far as it is told of everybody: a passkey, many at once, not opened. */
function HowVoted({ vote: { proofId, batchSize }, maySeeEvidence }: { vote: VoteView; maySeeEvidence: boolean }) {
  const said = [proofId ? "confirmed with a passkey" : null, batchSize > 1 ? `decided with ${batchSize - 1} others` : null].filter((part) => part !== null);
  if (said.length === 0) return null;
  return (
    <span className={card.quiet}>
      {said.join(", ")}
      {proofId && maySeeEvidence ? <> · <a href={`/api/evidence/proofs/${proofId}`} download>its proof</a></> : null}
    </span>
  );
}

function Vote({ vote, isYou, maySeeEvidence }: { vote: VoteView; isYou: boolean; maySeeEvidence: boolean }) {
  const isYes = vote.answer === "approve";
  return (
    <li className={styles.vote} data-answer={vote.answer}>
      <span className={styles.voteHead}>
        {isYes ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}
        <PersonName person={vote.person} isYou={isYou} />
        <span className={card.quiet}>
          {isYes ? `approved ${formatSeconds(vote.durationSeconds)}` : "denied"} · <RelativeTime at={vote.at} what="voted" />
        </span>
      </span>
      {vote.reason ? <q className={styles.voteReason}>{vote.reason}</q> : vote.reason === null ? <span className={styles.erased}>reason erased</span> : null}
      <HowVoted vote={vote} maySeeEvidence={maySeeEvidence} />
    </li>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
