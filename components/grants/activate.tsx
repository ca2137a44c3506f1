"use client";

import { IconKey } from "@tabler/icons-react";
import { type ReactNode, useState, useSyncExternalStore } from "react";
import { sayRefusal } from "@/components/requests/refusals";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import { useNow } from "@/components/ui/time/clock";
import { Duration } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatDuration, formatUtc, toMilliseconds } from "@/lib/platform/format";
import type { GrantView } from "@/lib/requests/views/types";
import styles from "./grants.module.css";
import { Reveal } from "./reveal";
import { type Activation, useActivation } from "./use-activation";

type ActivateProps = {
  grant: GrantView;
  /** What is said of a live session, unless its credential is shown. */
  children?: ReactNode;
  /** Asks for the credential; that of an approved request where nothing else is said. */
  action?: Parameters<typeof useActivation>[0];
  /** How it came to be ready. */
  lead?: string;
};

/**
 * Where the requester gets the credential. Stays mounted whatever state the grant is in, since what it shows once must not be
 * rendered away.
 */
export function Activate({ grant, children, action, lead }: ActivateProps) {
  const { state, activate, dismiss } = useActivation(action);
  // The replacement of a lost grant has its own time; what is shown keeps the time it was issued with.
  const [totalSeconds] = useState(grant.durationSeconds);
  if (state.phase === "revealed") return <Reveal credential={state.credential} totalSeconds={totalSeconds} onDismiss={dismiss} />;
  if (grant.state === "ready" || state.phase === "asking" || state.phase === "unsure") {
    return <Offer grant={grant} state={state} lead={lead ?? "Approved and ready."} onActivate={() => void activate(grant.id)} />;
  }
  return (
    <>
      <Refusal state={state} />
      <Elsewhere grant={grant} />
      {children}
    </>
  );
}

function Offer({ grant, state, lead, onActivate }: { grant: GrantView; state: Activation; lead: string; onActivate: () => void }) {
  const canMakeSecrets = useCanMakeSecrets();
  const isAsking = state.phase === "asking";
  const now = useNow();
  const isEarly = grant.notBefore !== null && toMilliseconds(grant.notBefore) > now;
  return (
    <section className={styles.offer} aria-label="Activation">
      <div className={styles.offerText}>
        <p className={styles.offerLead}>
          {grant.replaces ? "It was not issued the first time. It is ready again." : lead}{" "}
          {grant.continuesAt ? (
            <>
              It goes on with the session that ends <RelativeTime at={grant.continuesAt} what="ends" />: <Duration seconds={grant.durationSeconds} /> from that end (
              {formatUtc(grant.continuesAt)}), with a new credential.
            </>
          ) : (
            <>
              The clock starts when you get it: <Duration seconds={grant.durationSeconds} /> from then.
            </>
          )}
          {isEarly && grant.notBefore ? (
            <>
              {" "}
              <strong>Not before {formatUtc(grant.notBefore)}</strong>, <RelativeTime at={grant.notBefore} />.
            </>
          ) : null}
        </p>
        <p className={styles.quiet}>
          Your browser makes the password and Curfew never has it. It is shown once, and this page forgets it when you leave. Unless you get
          it, it lapses <RelativeTime at={grant.activateBefore} what="lapses" />.
        </p>
        <noscript>
          <p className={styles.quiet}>This needs JavaScript: your browser has to make the password itself.</p>
        </noscript>
      </div>
      <div className={styles.offerAction}>
        <Button kind="primary" onClick={onActivate} aria-disabled={isAsking || !canMakeSecrets || isEarly || undefined} disabled={!canMakeSecrets || isEarly}>
          <IconKey size={16} aria-hidden />
          {labelOf(state)}
        </Button>
      </div>
      {canMakeSecrets ? null : (
        <Banner tone="warning">This browser makes passwords only on https or on localhost. Open Curfew there to get the credential.</Banner>
      )}
      <div role="status" className={styles.said}>
        <Progress state={state} />
      </div>
      <Refusal state={state} />
    </section>
  );
}

function labelOf(state: Activation): string {
  switch (state.phase) {
    case "asking":
      return state.again ? "Asking again…" : "Asking the target…";
    case "unsure":
      return "Try again";
    case "idle":
    case "refused":
    case "signed-out":
    case "revealed":
      return "Get the credential";
  }
}

function Progress({ state }: { state: Activation }): ReactNode {
  if (state.phase === "asking") return state.again ? "No answer came back. Asking again for the same credential." : "Issuing it on the target…";
  if (state.phase === "unsure") {
    return `${state.said} It may have been issued or not. Try again on this page: the same credential is asked for, so nothing is issued twice. If you leave, it is found and ended by itself.`;
  }
  return null;
}

function Refusal({ state }: { state: Activation }) {
  if (state.phase === "signed-out") {
    return <Banner tone="trouble" live>You are signed out. Nothing was issued. Sign in again, then get the credential.</Banner>;
  }
  if (state.phase !== "refused") return null;
  return (
    <Banner tone="trouble" live>
      {sayRefusal("activate", state.code, state.detail).text}
    </Banner>
  );
}

/** States in which this page has nothing to give. */
function Elsewhere({ grant }: { grant: GrantView }) {
  switch (grant.state) {
    case "issuing":
      return <Issuing grant={grant} />;
    case "active":
      return <p className={styles.quiet}>The credential was shown once and is not kept anywhere. Lost it? End the session and ask again.</p>;
    case "ending":
    case "accepted":
    case "stuck":
      return grant.endReason === "superseded" ? (
        <Banner tone="warning">
          An earlier attempt got no answer, and what came of it is being ended. Once that is proven you can get a new credential here, without asking again.
        </Banner>
      ) : null;
    case "failed":
      return <Banner tone="warning">It was not issued, and the time to activate is over. Ask again.</Banner>;
    case "lapsed":
      return <Banner>Nobody got the credential in time, so the request lapsed. Ask again if it is still needed.</Banner>;
    case "ready":
    case "proven":
    case "not-provable":
    case "forced":
    case "expired-unproven":
      return null;
  }
}

/** Another page asks, or a page that is gone did: says when it is looked into and opens again. */
function Issuing({ grant }: { grant: GrantView }) {
  const now = useNow();
  const left = grant.recoversAt === null ? null : toMilliseconds(grant.recoversAt) - now;
  return (
    <Banner tone="warning">
      An attempt to get it is under way since <RelativeTime at={grant.issueStartedAt ?? grant.createdAt} />.{" "}
      {left === null || left <= 0
        ? "Its answer was lost, and the target is being looked at now. It opens again here by itself."
        : `If the page that asked is gone, it is looked into in ${formatDuration(left)} and opens again here by itself.`}
    </Banner>
  );
}

const never = () => () => {};

/** WebCrypto works in secure contexts only. While hydrating it is taken for granted. */
function useCanMakeSecrets(): boolean {
  return useSyncExternalStore(never, () => window.isSecureContext && "subtle" in window.crypto, () => true);
}
