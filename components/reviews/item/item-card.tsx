"use client";

import type { Route } from "next";
import Link from "next/link";
import { useEffect, useRef } from "react";
import card from "@/components/queue/card.module.css";
import { Banner } from "@/components/ui/feedback/banner";
import { KindIcon, kindWords } from "@/components/ui/names/kind-icon";
import { KeepFresh } from "@/components/suspensions/keep-fresh";
import { SuspensionRail } from "@/components/suspensions/suspension-rail";
import { cautionsOf, kindWords as kindOf, stateLook } from "@/components/suspensions/words";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import type { ItemView } from "@/lib/reviews/views/types";
import type { SuspensionView } from "@/lib/suspensions/types";
import { awayWords, consequenceWords, decisionWords, levelOf, sayRefusal, triggerWords, whyNotFirst, whyWords } from "../words";
import styles from "./card.module.css";
import { DecisionForm } from "./decision-form";
import { Facts } from "./facts";
import { Outcome } from "./outcome";

type ItemCardProps = {
  item: ItemView;
  /** Of the heading: the page's own, or that of a card on a page. */
  level: 1 | 2;
  onStaged?: (itemId: string) => void;
  /** Came here from the item before, so the focus comes along. */
  takesFocus?: boolean;
};

/** Everything that a decision about one identity needs on one screen: facts, recommendation with its reason, decision. */
export function ItemCard({ item, level, onStaged, takesFocus = false }: ItemCardProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const mayDecide = item.viewer.refusal === null && onStaged !== undefined;
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  useLook(item.id, mayDecide);
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <article className={card.card} aria-label={`Review of ${item.identity.name}`}>
      <header className={styles.head}>
        <div className={card.headLine}>
          <Heading ref={heading} className={styles.title} tabIndex={-1}>
            <Link href={`/identities/${item.identity.id}` as Route} prefetch={false} className={styles.name}>{item.identity.name}</Link>
          </Heading>
          <Level risk={item.risk} />
        </div>
        <About item={item} />
      </header>
      <Notices item={item} />
      {item.recommendation ? <Recommended item={item} /> : null}
      {item.facts ? <Facts facts={item.facts} changes={item.changes} level={level} /> : <p className={card.quiet}>Its facts are being gathered. They appear here by themselves.</p>}
      {item.outcome ? <Outcome item={item} outcome={item.outcome} /> : null}
      {item.suspension ? <OnTarget suspension={item.suspension} name={item.identity.name} level={level} /> : null}
      {item.outcome || !onStaged ? null : item.viewer.refusal ? (
        <p className={styles.whyNot}>{sayRefusal(item.viewer.refusal)}</p>
      ) : item.facts ? (
        <DecisionForm item={item} facts={item.facts} onStaged={onStaged} />
      ) : null}
    </article>
  );
}

function Level({ risk }: { risk: number }) {
  const level = levelOf(risk);
  return level ? <span className={card.marks}><SensitivityMark level={level} /></span> : null;
}

/** The three truths of what was begun on the target, where it was decided. */
function OnTarget({ suspension, name, level }: { suspension: SuspensionView; name: string; level: 1 | 2 }) {
  const { word, tone } = stateLook(suspension);
  const Heading = level === 1 ? "h2" : "h3";
  return (
    <section className={styles.outcome} aria-label={`${kindOf[suspension.kind]} on the target`}>
      <KeepFresh pace={suspension.closedAt !== null ? null : suspension.state === "proven" ? "later" : "soon"} />
      <Heading className={styles.onTarget}>
        {kindOf[suspension.kind]} on the target <StateBadge tone={tone}>{word}</StateBadge>
      </Heading>
      <SuspensionRail suspension={suspension} name={name} />
      {cautionsOf(suspension).map((caution) => <p key={caution}>{caution}</p>)}
    </section>
  );
}

function About({ item: { facts, identity, review, reviewers } }: { item: ItemView }) {
  const asked = reviewers.filter(({ isAsked }) => isAsked).map(({ name, why }) => `${name} (${whyWords[why]})`);
  const away = whyNotFirst(reviewers);
  return (
    <p className={card.about}>
      <span className={styles.kind}><KindIcon kind={identity.kind} /> {kindWords[identity.kind]}</span>
      {facts ? <span>{facts.identity.environment}, {facts.identity.state}</span> : null}
      <span>{review.name}, due <RelativeTime at={review.dueAt} what="due" /></span>
      <span>asked: {asked.slice(0, 3).join(", ")}{asked.length > 3 ? ` and ${asked.length - 3} more` : ""}</span>
      {away.length > 0 ? <span>{awayWords(away)}</span> : null}
      {facts ? <span>facts of <RelativeTime at={facts.at} what="frozen" /></span> : null}
    </p>
  );
}

function Notices({ item: { review, consequence } }: { item: ItemView }) {
  return (
    <>
      {review.trigger ? <p className={styles.trigger}>You are asked because {triggerWords[review.trigger]}.</p> : null}
      {consequence ? <div className={styles.notice}><Banner tone="warning">{sentence(consequenceWords[consequence])}. It can still be decided.</Banner></div> : null}
    </>
  );
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function Recommended({ item: { recommendation } }: { item: ItemView }) {
  if (!recommendation) return null;
  return (
    <p className={styles.recommended}>
      <strong>Recommended: {decisionWords[recommendation.decision].done}.</strong> {recommendation.reasons.join(" ")}
    </p>
  );
}

/** Tells the server once that this item is on screen: from then on the time until the decision counts. */
function useLook(itemId: string, mayDecide: boolean): void {
  useEffect(() => {
    if (!mayDecide) return;
    // Without an answer the decision says "not opened", which is the honest thing.
    fetch(`/api/reviews/items/${itemId}/opened`, { method: "POST", keepalive: true, headers: { "content-type": "application/json" }, body: "{}" }).catch(() => undefined);
  }, [itemId, mayDecide]);
}
