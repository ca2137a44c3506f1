"use client";

import { useEffect, useState } from "react";
import card from "@/components/queue/card.module.css";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { idle } from "@/lib/platform/action-state";
import { lookAtAction } from "@/lib/requests/actions";
import type { RequestView } from "@/lib/requests/views/types";
import { rightSize } from "../durations";
import { CardHead } from "./card-head";
import { type Change, sayChange } from "./changes";
import styles from "./card.module.css";
import type { Level } from "./column";
import { DecisionBar } from "../decision/decision-bar";
import { givingOf, within } from "../decision/giving";
import { IsNormal } from "./is-normal";
import { SinceDenial } from "./since-denial";
import { WhatChanges } from "./what-changes";
import { WhoElse } from "./who-else";

type ApprovalCardProps = {
  /** The newest that the server knows; what the voter looks at stays until they ask for it. */
  request: RequestView;
  level: Level;
  /** The card heads the request's own page, which says itself what became of a decided one. */
  isPage?: boolean;
};

/** Everything that a decision needs on one screen, and the decision below it. */
export function ApprovalCard({ request, level, isPage = false }: ApprovalCardProps) {
  const { shown, isStale, show } = useSeen(request);
  const { decision } = shown.viewer;
  const [edited, setGiving] = useState(() => givingOf(shown));
  const giving = within(edited, shown);
  const give = (seconds: number) => setGiving({ ...giving, seconds });
  const size = rightSize(shown.grantedDurationSeconds, shown.history.last.map(({ usedSeconds }) => usedSeconds));
  const suggestion = decision.may && size
    ? { size, isTaken: giving.seconds === size.seconds, take: () => give(giving.seconds === size.seconds ? shown.grantedDurationSeconds : size.seconds) }
    : undefined;
  useLook(shown);
  return (
    <article className={card.card} aria-label={`Request ${shown.number}`}>
      <div role="status">{isStale ? <Changed change={sayChange(shown, request)} onShow={show} /> : null}</div>
      <CardHead request={shown} level={level} giving={decision.may ? giving : givingOf(shown)} />
      <SinceDenial request={shown} />
      {isPage && shown.state !== "pending" ? null : (
        <div className={card.columns}>
          <IsNormal request={shown} level={level} suggestion={suggestion} />
          <WhatChanges request={shown} level={level} />
          <WhoElse request={shown} level={level} />
        </div>
      )}
      <DecisionBar request={shown} giving={giving} onGive={setGiving} isQuiet={isPage && shown.state !== "pending" && !shown.viewer.wasAsked} />
    </article>
  );
}

function Changed({ change, onShow }: { change: Change; onShow: () => void }) {
  return (
    <div className={styles.changed}>
      <Banner tone="warning" action={<Button size="small" onClick={onShow}>Show</Button>}>
        {change.what}, <RelativeTime at={change.at} />. What you see here is from before.
      </Banner>
    </div>
  );
}

/** Holds on to what the voter has seen once the request has changed for voters, and lets go when they ask to see the rest. */
function useSeen(request: RequestView): { shown: RequestView; isStale: boolean; show: () => void } {
  const [seen, setSeen] = useState(request);
  const hasVoted = !request.viewer.decision.may && request.viewer.decision.vote !== null;
  const isStale = seen.viewer.decision.may && !hasVoted && seen.version !== request.version;
  if (!isStale && seen !== request) setSeen(request);
  return { shown: isStale ? seen : request, isStale, show: () => setSeen(request) };
}

/** Says once per version that whoever decides has it on screen: a vote tells whether it was opened. */
function useLook({ id, version, viewer }: RequestView): void {
  const { may } = viewer.decision;
  useEffect(() => {
    if (!may) return;
    const form = new FormData();
    form.set("requestId", id);
    form.set("version", String(version));
    // Without an answer the vote is asked for a line of why; nothing else hangs on it.
    lookAtAction(idle, form).catch(() => undefined);
  }, [id, version, may]);
}
