import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import card from "@/components/queue/card.module.css";
import { Duration } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import type { Change, CredentialFact, EntitlementFact, ReviewFacts, Score } from "@/lib/reviews/types";
import { LastUse } from "@/components/identities/last-use";
import styles from "./card.module.css";

type FactsProps = { facts: ReviewFacts; changes: readonly Change[] | null; level: 1 | 2 };

/** The facts as they were frozen: use and scores, what it holds, what relies on it; below them the last grants. */
export function Facts({ facts, changes, level }: FactsProps) {
  return (
    <>
      <div className={card.columns}>
        <Column title="Is it still at work?" level={level}>
          <p>
            Last seen at work: <LastUse at={facts.identity.lastActiveAt} visibleSince={facts.identity.visibleSince} />
          </p>
          {facts.season ? <p className={card.quiet}>It has a rhythm: {facts.season}.</p> : null}
          <ScoreLine name="Staleness" score={facts.staleness} />
          <ScoreLine name="Exposure" score={facts.exposure} />
          {facts.rehearsal ? <RehearsalLine {...facts.rehearsal} /> : null}
          <Changes changes={changes} />
        </Column>
        <Column title="What it can do" level={level}>
          <Entitlements entitlements={facts.entitlements} />
          <Credentials credentials={facts.credentials} />
        </Column>
        <Column title="Who relies on it" level={level}>
          <Dependants facts={facts} />
          <People facts={facts} />
        </Column>
      </div>
      <LastGrants facts={facts} level={level} />
    </>
  );
}

function Column({ title, level, children }: { title: string; level: 1 | 2; children: ReactNode }) {
  const Heading = level === 1 ? "h2" : "h3";
  return (
    <section className={card.column} aria-label={title}>
      <Heading className={card.columnTitle}>{title}</Heading>
      {children}
    </section>
  );
}

/** The score with its arithmetic: each number beside what it is for. */
function ScoreLine({ name, score }: { name: string; score: Score | null }) {
  if (!score) return null;
  return (
    <p className={styles.score}>
      {name} <strong>{score.value}</strong>
      {score.parts.map(({ points, what }, index) => (
        <span key={what} className={card.quiet}>
          {index === 0 ? " = " : points < 0 ? " − " : " + "}
          <strong>{Math.abs(points)}</strong> {what}
        </span>
      ))}
    </p>
  );
}

function RehearsalLine({ endedAt, why }: { endedAt: string; why: "time" | "person" | "refused-login" }) {
  const words = { time: "ended by its time: nothing was refused", person: "was undone by a person", "refused-login": "was undone at a refused login: something still needs it" };
  return (
    <p>
      A rehearsal <RelativeTime at={endedAt} what="rehearsal ended" /> {words[why]}.
    </p>
  );
}

function Changes({ changes }: { changes: readonly Change[] | null }) {
  if (changes === null) return <p className={card.quiet}>Nobody decided about it before.</p>;
  if (changes.length === 0) return <p className={card.quiet}>Nothing changed since it was last decided about.</p>;
  return (
    <div>
      <p className={styles.lead}>Since it was last decided about:</p>
      <ul className={styles.plain}>
        {changes.slice(0, 8).map(({ code, text }) => <li key={`${code}:${text}`}>{text}</li>)}
        {changes.length > 8 ? <li>and {changes.length - 8} more changes</li> : null}
      </ul>
    </div>
  );
}

const shown = 8;

function Entitlements({ entitlements }: { entitlements: readonly EntitlementFact[] }) {
  if (entitlements.length === 0) return <p className={card.quiet}>Holds nothing that Curfew knows of.</p>;
  const standing = entitlements.filter(({ kind }) => kind === "standing");
  const used = entitlements.filter(({ lastUsedAt }) => lastUsedAt !== null).length;
  return (
    <div>
      <p>
        {entitlements.length} held, {used} seen in use, {standing.length} standing.
      </p>
      <ul className={styles.holdings}>
        {entitlements.slice(0, shown).map((one) => (
          <li key={one.assignmentId}>
            <span className={styles.holding}>
              <span>{one.name}</span> <SensitivityMark level={one.sensitivity} />
            </span>
            <span className={card.quiet}>
              {one.system}, {one.kind}
              {one.exceptedUntil ? <>, excepted for <RelativeTime at={one.exceptedUntil} what="exception ends" bare /></> : null};{" "}
              {one.lastUsedAt ? <>used <RelativeTime at={one.lastUsedAt} what="last used" /></> : one.visibleSince ? <>no use inside the <RelativeTime at={one.visibleSince} what="visible since" bare /> we can see</> : "nobody can see its use"}
            </span>
          </li>
        ))}
        {entitlements.length > shown ? <li className={card.quiet}>and {entitlements.length - shown} more</li> : null}
      </ul>
    </div>
  );
}

function Credentials({ credentials }: { credentials: readonly CredentialFact[] }) {
  return (
    <ul className={styles.holdings} aria-label="Credentials">
      {credentials.slice(0, 4).map((one) => (
        <li key={one.id}>
          <span>
            <code>{one.handle}</code> <span className={card.quiet}>{one.kind}</span>
            {one.isPrivileged ? <strong className={styles.warn}> can do anything on {one.system}</strong> : null}
          </span>
          <span className={card.quiet}>
            {one.rotatedAt ? <>rotated <RelativeTime at={one.rotatedAt} what="rotated" /></> : one.createdAt ? <>made <RelativeTime at={one.createdAt} what="made" />, never seen rotated</> : <>known for <RelativeTime at={one.firstSeenAt} what="known since" bare />, age unknown</>}
            {one.expiresAt ? <>, expires <RelativeTime at={one.expiresAt} what="expires" /></> : ", no expiry"}
            {one.isEnabled ? null : ", switched off"}
          </span>
        </li>
      ))}
      {credentials.length > 4 ? <li className={card.quiet}>and {credentials.length - 4} more credentials</li> : null}
    </ul>
  );
}

const dependantWords = { session: "a live session:", grant: "an approved grant:", request: "a waiting request:", workload: "seen at work as", network: "seen from" } as const;

function Dependants({ facts: { dependants, identity } }: { facts: ReviewFacts }) {
  return (
    <>
      {identity.isShared ? <p className={styles.lead}>Several workloads or networks share it.</p> : null}
      {dependants.length === 0 ? (
        <p className={card.quiet}>No live session, no request on its way, no workload seen behind it. What Curfew cannot see is not in this list.</p>
      ) : (
        <ul className={styles.plain}>
          {dependants.slice(0, shown).map((one) => (
            <li key={`${one.kind}:${one.what}`}>
              {dependantWords[one.kind]} <span className={styles.what}>{one.what}</span>
            </li>
          ))}
          {dependants.length > shown ? <li className={card.quiet}>and {dependants.length - shown} more</li> : null}
        </ul>
      )}
    </>
  );
}

function People({ facts }: { facts: ReviewFacts }) {
  const { vendor, team } = facts.identity;
  return (
    <p className={card.quiet}>
      Owner {facts.owner?.name ?? "nobody"}, sponsor {facts.sponsor?.name ?? "nobody"}, backup {facts.backup?.name ?? "nobody"}
      {team ? `, team ${team}` : ""}
      {vendor ? `, run by ${vendor}` : ""}.
    </p>
  );
}

function LastGrants({ facts: { grants }, level }: { facts: ReviewFacts; level: 1 | 2 }) {
  if (grants.length === 0) return null;
  const Heading = level === 1 ? "h2" : "h3";
  return (
    <section className={styles.grants} aria-label="Last grants">
      <Heading className={card.columnTitle}>Last {grants.length === 1 ? "grant" : `${grants.length} grants`}</Heading>
      <ul className={styles.plain}>
        {grants.map((grant) => (
          <li key={`${grant.requestId}:${grant.entitlement}`}>
            <Link href={`/requests/${grant.requestId}` as Route} prefetch={false}>{grant.entitlement}</Link>{" "}
            <span className={card.quiet}>
              for <Duration seconds={grant.askedSeconds} />, {grant.activatedAt ? <>activated <RelativeTime at={grant.activatedAt} what="activated" /></> : "never activated"}, {grant.uses} {grant.uses === 1 ? "use" : "uses"} seen, {grant.state}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
