import type { Route } from "next";
import Link from "next/link";
import { LiveRefresh } from "@/components/live/live-events";
import { ButtonLink } from "@/components/ui/form/button";
import { PageHead } from "@/components/ui/page/page-head";
import { Columns, Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { TruthRail } from "@/components/ui/truth/truth-rail";
import type { ChainView, GrantChain, LinkView } from "@/lib/evidence/views/chain-types";
import styles from "./chain.module.css";
import { Policy, Votes } from "./decision";
import { Emergency } from "./emergency";
import { Events } from "./events/events";
import { ChainFacts } from "./facts";
import { Findings } from "./findings";
import { LinksTable } from "./links-table";
import { Proof } from "./proof";
import { Compared } from "./scope/compared";
import { Uses } from "./scope/uses";
import { Seal } from "./seal";
import { chainSummary, chainTitle } from "./summary";
import { TicketMoments } from "./ticket";

/** One chain from its ask to the proof of its end, with every event behind it. */
export function ChainPage({ chain }: { chain: ChainView }) {
  const [newest, ...earlier] = chain.chains;
  return (
    <>
      {chain.kind === "request" ? <LiveRefresh about={{ request: chain.id }} /> : null}
      <PageHead
        above={<Link href={"/evidence" as Route} prefetch={false}>Evidence</Link>}
        title={chainTitle(chain)}
        sentence={chainSummary(chain)}
        action={chain.kind === "request" && !chain.isBounded ? <ButtonLink href={`/requests/${chain.id}` as Route}>Open the request</ButtonLink> : null}
      />
      {chain.emergency ? <Emergency emergency={chain.emergency} isBounded={chain.isBounded} /> : null}
      {chain.kind === "request" ? <Seal seal={chain.seal} maySeeSources={!chain.isBounded} /> : null}
      {newest ? <Grant chain={chain} grant={newest.grant} links={newest.links} /> : null}
      <Columns aside={<ChainFacts chain={chain} />}>
        <Findings findings={[...chain.findings, ...(newest?.grant?.findings ?? [])]} maySeeControls={!chain.isBounded} />
        {newest?.grant ? <Compared chain={chain} grant={newest.grant} /> : null}
        {newest?.grant ? <Uses grant={newest.grant} /> : null}
        {newest?.grant ? <Proof grant={newest.grant} isDemo={chain.demo} /> : null}
        <Votes stages={chain.stages} side={chain.side} state={chain.state} emergency={chain.emergency} isBounded={chain.isBounded} />
        <TicketMoments moments={chain.ticketMoments} />
        <Policy policy={chain.policy} />
        {earlier.map(({ grant, links }) => (
          <Earlier key={grant?.id} chain={chain} grant={grant} links={links} />
        ))}
      </Columns>
      <div className={styles.eventsPart}>
        <Events events={chain.events} hasMore={chain.hasMoreEvents} ledgerSize={chain.ledgerSize} signedSize={chain.signedSize} />
      </div>
    </>
  );
}

type GrantProps = { chain: ChainView; grant: GrantChain | null; links: readonly LinkView[] };

function toneOf(grant: GrantChain | null): "live" | "ending" | undefined {
  if (grant?.state === "active") return "live";
  return grant?.state === "ending" || grant?.state === "accepted" ? "ending" : undefined;
}

function Grant({ chain, grant, links }: GrantProps) {
  const label = `Seven links of ${chainTitle(chain)}`;
  return (
    <section className={styles.chain} aria-label={label}>
      <TruthRail links={links.map((link) => ({ ...link, duration: link.afterMs }))} label={label} now={toneOf(grant)} compact />
      {grant?.state === "active" && grant.notRecheckedSince ? (
        <p className={styles.unknown}>
          Policy not rechecked since <RelativeTime at={grant.notRecheckedSince} />: it could not be asked.
        </p>
      ) : null}
      <LinksTable links={links} events={chain.events} label={`${label}, in detail`} />
    </section>
  );
}

/** Another grant of the request: one that the newer took the place of, or that of another entitlement asked for at once. */
function Earlier({ chain, grant, links }: GrantProps) {
  if (!grant) return null;
  const title = grant.isReplaced ? "An earlier issue" : `Also granted: ${grant.entitlement}`;
  const note = grant.isReplaced ? "Its issue failed or the target's answer was lost; another grant took its place." : "Asked for in the same request; it lives and ends by itself.";
  return (
    <Section title={title} note={note}>
      <LinksTable links={links} events={chain.events} label={`Links of ${grant.isReplaced ? "an earlier issue" : grant.entitlement}`} />
      {grant.isReplaced ? null : <Compared chain={chain} grant={grant} />}
      {grant.isReplaced ? null : <Uses grant={grant} />}
      <Proof grant={grant} isDemo={chain.demo} />
      <Findings findings={grant.findings} maySeeControls={!chain.isBounded} />
    </Section>
  );
}
