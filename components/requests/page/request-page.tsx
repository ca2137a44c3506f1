import type { Route } from "next";
import Link from "next/link";
import { Activate } from "@/components/grants/activate";
import { GrantRail } from "@/components/grants/grant-rail";
import { LiveGrants } from "@/components/grants/live-grants";
import { LiveSession } from "@/components/grants/live-session";
import type { RailRequest } from "@/components/grants/rail";
import { Banner } from "@/components/ui/feedback/banner";
import { formatList } from "@/lib/platform/format";
import type { GrantView, RequestView } from "@/lib/requests/views/types";
import { ApprovalCard } from "../card/approval-card";
import cardStyles from "@/components/queue/card.module.css";
import { IsNormal } from "../card/is-normal";
import { WhatChanges } from "../card/what-changes";
import { WhoElse } from "../card/who-else";
import { RefreshIfOld } from "../refresh-if-old";
import { KeepRequest } from "../templates/keep-request";
import { Activity } from "./activity";
import { RequestLinks } from "./links";
import { Limits, PolicyWords } from "./policy-words";
import styles from "./page.module.css";
import { Talk } from "./talk";
import { Withdraw } from "./withdraw";

/** One request from its ask to its proof. */
export function RequestPage({ request }: { request: RequestView }) {
  const chains = newestPerEntitlement(request.grants);
  const earlier = request.grants.filter((grant) => !chains.includes(grant));
  const { viewer } = request;
  return (
    <>
      <LiveGrants requestId={request.id} />
      <RefreshIfOld asOf={request.asOf} />
      <nav className={styles.above} aria-label="Where this is">
        <Link prefetch={false} href={"/requests" as Route}>Requests</Link>
        {viewer.maySeeEvidence ? <Link prefetch={false} href={`/evidence/${request.id}` as Route}>Evidence</Link> : null}
        {request.thread.mayKeep ? <KeepRequest requestId={request.id} identity={request.identity.name} /> : null}
        {viewer.mayWithdraw ? <Withdraw requestId={request.id} /> : null}
        {viewer.mayEscalate ? <Link prefetch={false} href={`/break-glass/new?request=${request.id}` as Route}>No time to wait: break the glass</Link> : null}
        {viewer.breakGlassId ? <Link prefetch={false} href={`/break-glass/${viewer.breakGlassId}` as Route}>Break-glass: nobody approved it beforehand</Link> : null}
      </nav>
      <ApprovalCard key={request.id} request={request} level={1} isPage />
      <RequestLinks request={request} />
      <section className={styles.chains} aria-label="What happened">
        {chains.length === 0 ? <GrantRail request={railRequest(request)} grant={null} label={`Chain of request ${request.number}`} /> : null}
        {chains.map((grant) => (
          <Chain key={`${grant.system}.${grant.entitlement}`} request={request} grant={grant} />
        ))}
        {earlier.length > 0 ? <Earlier request={request} grants={earlier} /> : null}
      </section>
      {request.state === "pending" ? null : (
        <div className={`${cardStyles.columns} ${styles.facts}`}>
          <WhatChanges request={request} level={1} />
          <WhoElse request={request} level={1} />
          <IsNormal request={request} level={1} />
        </div>
      )}
      <div className={styles.more}>
        <Talk requestId={request.id} thread={request.thread} />
        <PolicyWords policy={request.policy} />
        <Activity activity={request.activity} />
        <Limits entitlements={request.entitlements} />
      </div>
    </>
  );
}

function Chain({ request, grant }: { request: RequestView; grant: GrantView }) {
  const { viewer, identity } = request;
  const session = grant.state === "active" ? <LiveSession grant={grant} identity={identity.name} mayEnd={viewer.mayEnd} /> : null;
  return (
    <div className={styles.chain}>
      <GrantRail request={railRequest(request)} grant={grant} label={`Session of ${identity.name} on ${grant.entitlement}`} />
      {viewer.mayActivate ? <Activate grant={grant}>{session}</Activate> : session}
      {grant.stillGiven ? <StillGiven identity={identity.name} ways={grant.stillGiven} /> : null}
      {grant.state === "ready" && !viewer.mayActivate && !viewer.breakGlassId ? <p className={cardStyles.quiet}>Only who asked can get the credential: it is shown to nobody else.</p> : null}
    </div>
  );
}

/** The other half of the last link: the credential is dead, and this is what else gives the same, as seen at that moment. */
function StillGiven({ identity, ways }: { identity: string; ways: NonNullable<GrantView["stillGiven"]> }) {
  if (ways.length === 0) return <p className={cardStyles.quiet}>Nothing else gave {identity} the same when this was proven.</p>;
  return (
    <Banner tone="warning">
      This credential is dead, but {identity} could still do the same when that was proven: {formatList(ways.map(({ name, path, kind }) => `${path.length > 1 ? path.join(" → ") : name}, ${kind}`))}.
    </Banner>
  );
}

/** Grants whose issue was lost, each with the chain that it has. */
function Earlier({ request, grants }: { request: RequestView; grants: readonly GrantView[] }) {
  return (
    <details className={styles.earlier}>
      <summary>{grants.length === 1 ? "1 earlier attempt" : `${grants.length} earlier attempts`} that gave no credential</summary>
      {grants.map((grant) => (
        <GrantRail key={grant.id} request={railRequest(request)} grant={grant} label={`Earlier attempt on ${grant.entitlement}`} />
      ))}
    </details>
  );
}

function railRequest({ state, submittedAt, decidedAt, decideBefore, stages }: RequestView): RailRequest {
  const open = stages.find((stage) => stage.state === "open");
  const voters = stages.flatMap(({ votes }) => votes).filter(({ answer }) => (state === "denied" ? answer === "deny" : true));
  const by = state === "pending" ? (open?.label ?? null) : voters.length > 0 ? formatList(voters.map(({ person }) => person.name)) : "policy";
  return { state, submittedAt, decidedAt, decideBefore, by };
}

function newestPerEntitlement(grants: readonly GrantView[]): GrantView[] {
  return grants.filter((grant, index) => grants.findIndex(({ entitlement, system }) => entitlement === grant.entitlement && system === grant.system) === index);
}
