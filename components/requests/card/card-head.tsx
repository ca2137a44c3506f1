import Link from "next/link";
import type { Route } from "next";
import type { ReactNode } from "react";
import card from "@/components/queue/card.module.css";
import { kindWords } from "@/components/ui/names/kind-icon";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { Duration } from "@/components/ui/time/duration";
import type { RequestView } from "@/lib/requests/views/types";
import { RequestStateMark } from "../request-state";
import { askerName, entitlementVerb } from "../words";
import { TicketFacts } from "./ticket-facts";
import styles from "./card.module.css";
import type { Level } from "./column";
import { type Giving, namesOf, sayRisk } from "../decision/giving";

type CardHeadProps = {
  request: RequestView;
  /** `h1` where the card is the page. */
  level: Level;
  /** What a vote would give. */
  giving: Giving;
};

/** Who wants what for how long, in one sentence; what is at stake; in whose words. */
export function CardHead({ request, level, giving }: CardHeadProps) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <header className={styles.head}>
      <div className={card.headLine}>
        <Heading className={styles.sentence} tabIndex={-1}>
          <Sentence request={request} giving={giving} />
        </Heading>
        <div className={card.marks}>
          <SensitivityMark level={request.sensitivity} />
        </div>
      </div>
      <p className={card.about}>
        <About request={request} />
      </p>
      <Words request={request} giving={giving} />
    </header>
  );
}

function Sentence({ request, giving }: { request: RequestView; giving: Giving }) {
  const { identity, entitlements, asker } = request;
  const givenSeconds = giving.seconds;
  const isLeftOut = ({ id }: { readonly id: string }) => giving.leaveOut.includes(id) || request.leftOut.includes(id);
  const what = entitlementVerb(entitlements.filter((one) => !isLeftOut(one)).map(({ name }) => name));
  const without = namesOf(request, entitlements.filter(isLeftOut).map(({ id }) => id));
  const isOpen = request.state === "pending";
  const isItself = asker.kind === "workload" && asker.identity.id === identity.id;
  return (
    <>
      {isItself ? null : <>{askerName(asker)} {isOpen ? "wants" : "asked for"} </>}
      <Link href={`/identities/${identity.id}` as Route} prefetch={false} className={styles.identity} title={`${kindWords[identity.kind]} · ${identity.id}`}>
        {identity.name}
      </Link>{" "}
      {isItself ? (isOpen ? "wants to" : "asked to") : "to"} <strong>{what}</strong>
      {without ? (
        <>
          {" "}
          <del className={styles.old}>
            <span className="visually-hidden">without </span>
            {without}
          </del>
        </>
      ) : null}{" "}
      for{" "}
      <strong>
        {givenSeconds < request.durationSeconds ? (
          <>
            <Old>
              <Duration seconds={request.durationSeconds} />
            </Old>{" "}
          </>
        ) : null}
        <Duration seconds={givenSeconds} />
      </strong>
    </>
  );
}

function About({ request }: { request: RequestView }) {
  const { identity, entitlements, asker, number } = request;
  const systems = [...new Set(entitlements.map(({ system }) => `${system.name} (${system.environment})`))];
  const belongs = identity.team ? ` of ${identity.team}` : "";
  return (
    <>
      <span>Request {number}</span>
      <RequestStateMark state={request.state} grantState={request.grants[0]?.state ?? null} />
      <span>
        {identity.name} is a {kindWords[identity.kind]}
        {belongs}, {identity.owner ? `owned by ${identity.owner}` : "owned by nobody"}
      </span>
      <span>on {systems.join(", ")}</span>
      {asker.kind === "workload" && asker.triggeredBy ? <span>started by {asker.triggeredBy.name}</span> : null}
    </>
  );
}

/** The requester's own words, marked as such, and what is known of the ticket. */
function Words({ request, giving }: { request: RequestView; giving: Giving }) {
  const by = request.asker.kind === "workload" && request.asker.triggeredBy ? request.asker.triggeredBy.name : askerName(request.asker);
  return (
    <div className={styles.words}>
      <figure className={styles.quote}>
        <figcaption className={styles.quoteBy}>In the words of {by}</figcaption>
        {request.intent === null ? (
          <p className={styles.erased}>erased after its retention</p>
        ) : (
          <blockquote className={styles.intent}>{request.intent}</blockquote>
        )}
      </figure>
      <dl className={styles.around}>
        <div>
          <dt>Purpose</dt>
          <dd>{request.purpose}</dd>
        </div>
        <div>
          <dt>Ticket</dt>
          <dd>
            <TicketFacts written={request.ticketKey} ticket={request.ticket} />
          </dd>
        </div>
        <Bounds request={request} giving={giving} />
        {request.risk ? (
          <div>
            <dt>Risk</dt>
            <dd>{sayRisk(request.risk)}</dd>
          </div>
        ) : null}
      </dl>
    </div>
  );
}

/** What ends it besides its time, and beside it what was asked, struck through: also what a voter before this one took away. */
function Bounds({ request: { asked }, giving: { maxUses, idleSeconds } }: { request: RequestView; giving: Giving }) {
  if (maxUses === null && idleSeconds === null) return null;
  const uses = (most: number) => (most === 1 ? "1 use" : `${most} uses`);
  return (
    <div>
      <dt>Also ends</dt>
      <dd>
        {maxUses === null ? null : (
          <>
            after {asked.maxUses === maxUses ? null : <Old>{asked.maxUses === null ? "any number of uses" : uses(asked.maxUses)}</Old>} {uses(maxUses)}
          </>
        )}
        {maxUses !== null && idleSeconds !== null ? " or " : null}
        {idleSeconds === null ? null : (
          <>
            after {asked.idleSeconds === idleSeconds ? null : <Old>{asked.idleSeconds === null ? "any time" : <Duration seconds={asked.idleSeconds} />}</Old>}{" "}
            <Duration seconds={idleSeconds} /> without use
          </>
        )}
      </dd>
    </div>
  );
}

function Old({ children }: { children: ReactNode }) {
  return (
    <del className={styles.old}>
      <span className="visually-hidden">not </span>
      {children}
    </del>
  );
}
