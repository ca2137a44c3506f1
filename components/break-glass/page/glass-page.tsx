import type { Route } from "next";
import Link from "next/link";
import { Activate } from "@/components/grants/activate";
import { GrantRail } from "@/components/grants/grant-rail";
import { LiveGrants } from "@/components/grants/live-grants";
import { LiveSession } from "@/components/grants/live-session";
import { Banner } from "@/components/ui/feedback/banner";
import { Act } from "@/components/ui/form/act";
import { KeyValue } from "@/components/ui/page/key-value";
import { PageHead } from "@/components/ui/page/page-head";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { activateEmergencyAction, withdrawBreakGlassAction } from "@/lib/break-glass/actions";
import type { GlassView } from "@/lib/break-glass/views/types";
import { sayFlags, verdictWords } from "@/lib/break-glass/words";
import { formatList, formatSeconds } from "@/lib/platform/format";
import styles from "../break-glass.module.css";
import { breakRefusals, incidentWords } from "../words";
import { CloseForm, SecondForm } from "./answer-forms";
import { SeenUses } from "./seen-uses";

/** One emergency from its first click to its paid debt. */
export function GlassPage({ glass }: { glass: GlassView }) {
  return (
    <>
      <LiveGrants requestId={glass.requestId} />
      <PageHead
        above={<Link prefetch={false} href={"/break-glass" as Route}>Break-glass</Link>}
        title={`Break-glass ${glass.number}`}
        sentence={`${glass.person.name} took ${glass.entitlement} on ${glass.system} for ${glass.identity.name}, for ${formatSeconds(glass.durationSeconds)}.`}
      />
      {glass.isLive ? <Banner tone="trouble">This glass is broken: the access lives{glass.notAfter ? <> and ends <RelativeTime at={glass.notAfter} what="ends" /></> : ", and its credential can be made"}.</Banner> : null}
      {glass.flags.length > 0 ? (
        <ul className={styles.flags} aria-label="What makes it louder">
          {sayFlags(glass.flags).map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      ) : null}
      <Waiting glass={glass} />
      <Credential glass={glass} />
      <Section title="Why, and who was passed over">
        <KeyValue facts={factsOf(glass)} />
      </Section>
      {glass.state === "open" ? (
        <Section title="What Curfew saw">
          <SeenUses glass={glass} />
        </Section>
      ) : null}
      <Debt glass={glass} />
    </>
  );
}

function Waiting({ glass }: { glass: GlassView }) {
  if (glass.state !== "waiting") return null;
  const { whyNotSecond, mayWithdraw } = glass.viewer;
  return (
    <Section title="It waits for a second person">
      <p className={styles.quiet}>
        Asked: {formatList(glass.asked.map(({ name }) => name))}.{" "}
        {glass.secondDueAt ? <>Without an answer it runs alone <RelativeTime at={glass.secondDueAt} what="runs alone" />, and the debt is larger.</> : null}
      </p>
      {whyNotSecond === null ? <SecondForm breakGlassId={glass.id} number={glass.number} /> : null}
      {whyNotSecond && !mayWithdraw ? <p className={styles.quiet}>{breakRefusals[whyNotSecond]}</p> : null}
      {mayWithdraw ? (
        <Act action={withdrawBreakGlassAction} fields={{ breakGlassId: glass.id }} pendingText="Taking it back…" refusals={breakRefusals}>
          Take it back
        </Act>
      ) : null}
    </Section>
  );
}

/** Where whoever broke the glass gets the credential, in the same way as any other. */
function Credential({ glass }: { glass: GlassView }) {
  const { request } = glass;
  const [grant] = request?.grants ?? [];
  if (!request || !grant || glass.state !== "open") return null;
  const session = grant.state === "active" ? <LiveSession grant={grant} identity={glass.identity.name} mayEnd={request.viewer.mayEnd} /> : null;
  const rail = { state: request.state, submittedAt: request.submittedAt, decidedAt: request.decidedAt, decideBefore: request.decideBefore, by: "break-glass" };
  return (
    <Section title="The access">
      <GrantRail request={rail} grant={grant} label={`Session of ${glass.identity.name} on ${grant.entitlement}`} />
      {glass.viewer.isBreaker ? (
        <Activate grant={grant} action={activateEmergencyAction} lead="The glass is broken.">
          {session}
        </Activate>
      ) : (
        session
      )}
    </Section>
  );
}

function factsOf(glass: GlassView) {
  const { second, skipped } = glass;
  return [
    { key: "reason", label: "What is broken", value: glass.reason ?? "Erased" },
    { key: "incident", label: "Incident", value: `${glass.incident}: ${incidentWords[glass.incidentCheck]}` },
    { key: "basis", label: "Allowed by", value: glass.basis === "list" ? "the list for the worst day" : glass.policy.join(" · ") },
    { key: "skipped", label: "Passed over, and told", value: skipped.length === 0 ? "Nobody" : formatList(skipped.map(({ name }) => name)) },
    { key: "proof", label: "Confirmed with", value: glass.hasProof ? "a passkey" : "nothing" },
    ...(second ? [{ key: "second", label: "Second person", value: sayAnswer(second) }] : []),
    ...(glass.escalated || glass.request
      ? [{ key: "request", label: glass.escalated ? "Escalated from" : "Chain", value: <Link prefetch={false} href={`/requests/${glass.requestId}` as Route}>{glass.request ? `request ${glass.request.number}` : "a request"}</Link> }]
      : []),
  ];
}

function sayAnswer(second: NonNullable<GlassView["second"]>): string {
  if (second.answer === "unanswered") return "Nobody answered in time";
  return `${second.by ?? "Somebody"} ${second.answer === "confirm" ? "confirmed" : "declined"}${second.reason ? `: ${second.reason}` : ""}`;
}

function Debt({ glass }: { glass: GlassView }) {
  const { debt } = glass;
  const why = glass.viewer.whyNotClose;
  if (!debt) return null;
  if (debt.closedAt !== null) {
    return (
      <Section title="The debt is closed">
        <KeyValue
          facts={[
            { key: "verdict", label: "Found", value: debt.verdict ? verdictWords[debt.verdict] : "" },
            { key: "by", label: "By", value: <>{debt.closedBy ?? "somebody"}, <RelativeTime at={debt.closedAt} what="closed" /></> },
            { key: "findings", label: "Findings", value: debt.findings ?? "Erased" },
          ]}
        />
      </Section>
    );
  }
  return (
    <Section title="The debt" note={debt.size > 1 ? `It weighs ${debt.size}: the larger it is, the sooner it is due.` : "Somebody off the asking side reviews the use. That is the approval that was skipped."}>
      <p className={debt.overdueAt ? styles.bad : styles.quiet}>
        {debt.overdueAt ? "Overdue: it was due " : "Due "}
        <RelativeTime at={debt.dueAt} what="due" />.
      </p>
      {why === null ? <CloseForm breakGlassId={glass.id} number={glass.number} /> : null}
      {why ? <p className={styles.quiet}>{breakRefusals[why]}</p> : null}
    </Section>
  );
}
