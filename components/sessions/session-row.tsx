"use client";

import type { Route } from "next";
import Link from "next/link";
import { GrantStateMark } from "@/components/grants/grant-state";
import { IdentityName } from "@/components/ui/names/identity-name";
import { useNow } from "@/components/ui/time/clock";
import { Countdown } from "@/components/ui/time/countdown";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { Reached } from "@/components/uses/reached";
import { TruthRail } from "@/components/ui/truth/truth-rail";
import type { SessionView } from "@/lib/grants/views/sessions-types";
import { formatDuration, toMilliseconds } from "@/lib/platform/format";
import { EndingOutcome, EndSession, useEnding } from "./end-session";
import styles from "./sessions.module.css";
import { atZero, sessionName, sessionRail, sourceText, survivorText, usesNote, usesText } from "./words";

type RowProps = {
  session: SessionView;
  seesEvidence: boolean;
  /** It was live or ending when the reader came: its way to the proof is shown to the end. */
  isFollowed: boolean;
};

/** One session: who reaches what, how long still, what was seen of it, how true its end is, and the way to end it. */
export function SessionRow({ session, seesEvidence, isFollowed }: RowProps) {
  const ending = useEnding(session.id);
  const isEnding = session.state !== "active" && session.state !== "issuing" && (isFollowed || session.provenAt === null);
  const isTrouble = session.state === "stuck" || session.state === "not-provable" || session.stuckSince !== null;
  return (
    <li className={styles.row} data-state={session.state} data-trouble={isTrouble || undefined} data-session={session.id}>
      <Who session={session} seesEvidence={seesEvidence} />
      <Time session={session} />
      <Uses session={session} />
      <Activity session={session} />
      <div className={styles.truth} data-label="State">
        <GrantStateMark state={session.state} />
      </div>
      <div className={styles.act}>{session.mayEnd ? <EndSession session={session} ending={ending} /> : null}</div>
      <Below session={session} isEnding={isEnding} />
      <EndingOutcome ending={ending} session={session} />
    </li>
  );
}

function Who({ session, seesEvidence }: Pick<RowProps, "session" | "seesEvidence">) {
  const { identity, entitlement, system, number, requestId, asker, demo } = session;
  const href = (seesEvidence ? `/evidence/${requestId}` : `/requests/${requestId}`) as Route;
  return (
    <div className={styles.who}>
      <span className={styles.title}>
        <IdentityName {...identity} /> <span aria-label="on">→</span> {entitlement}
      </span>
      <span className={styles.quiet}>
        {system.name} ·{" "}
        <Link href={href} prefetch={false}>
          request {number}
        </Link>{" "}
        · {asker}
        {demo ? " · demo data" : ""}
      </span>
      {session.breakGlassId ? (
        <Link href={`/break-glass/${session.breakGlassId}` as Route} prefetch={false} className={styles.emergency}>
          Break-glass: nobody approved it beforehand
        </Link>
      ) : null}
    </div>
  );
}

function Time({ session }: { session: SessionView }) {
  const { state, notAfter, durationSeconds, endingAt, provenAt, activatedAt } = session;
  if (state === "active" && notAfter) {
    return (
      <div className={styles.time} data-label="Time">
        <Countdown until={notAfter} totalSeconds={durationSeconds} atZero={atZero} />
      </div>
    );
  }
  if (state === "issuing") return <div className={styles.time} data-label="Time">starting</div>;
  const lived = endingAt && activatedAt ? formatDuration(toMilliseconds(endingAt) - toMilliseconds(activatedAt)) : null;
  return (
    <div className={styles.time} data-label="Time">
      {endingAt ? (
        <span>{provenAt ? `proven +${formatDuration(toMilliseconds(provenAt) - toMilliseconds(endingAt))}` : <>ended <RelativeTime at={endingAt} what="ended" /></>}</span>
      ) : null}
      {lived ? <span className={styles.quiet}>lived {lived}</span> : null}
    </div>
  );
}

function Uses({ session }: { session: SessionView }) {
  const note = usesNote(session);
  return (
    <div className={styles.uses} data-label="Uses">
      <span data-figures>{usesText(session)}</span>
      {note ? <span className={styles.quiet}>{note}</span> : null}
    </div>
  );
}

function Activity({ session }: { session: SessionView }) {
  const now = useNow();
  const source = sourceText(session, now);
  const isLooking = session.state === "active";
  return (
    <div className={styles.activity} data-label="Last activity">
      {session.lastUseAt ? <RelativeTime at={session.lastUseAt} what="last activity seen" /> : <span className={styles.none}>none seen</span>}
      {isLooking ? (
        <span className={styles.quiet} data-old={source.isOld || undefined}>
          {source.text}
        </span>
      ) : null}
    </div>
  );
}

/** What needs more than a cell: the rail of an end that is not proven, survivors, a policy that could not be asked. */
function Below({ session, isEnding }: { session: SessionView; isEnding: boolean }) {
  const now = useNow();
  const survivors = survivorText(session, now);
  const since = session.state === "active" ? session.notRecheckedSince : null;
  const isUsed = session.firstUseAt !== null;
  if (!survivors && !since && !isEnding && !isUsed) return null;
  return (
    <div className={styles.below}>
      {isEnding ? <TruthRail links={sessionRail(session, now)} label={`End of ${sessionName(session)}`} now="ending" /> : null}
      {isUsed ? <Reached grantId={session.id} name={sessionName(session)} /> : null}
      {survivors ? <p className={styles.survivors}>{survivors}</p> : null}
      {since ? (
        <p className={styles.warning}>
          Policy not rechecked since <RelativeTime at={since} what="not rechecked since" />: it could not be asked. A fault ends nothing; it lives until its time.
        </p>
      ) : null}
    </div>
  );
}
