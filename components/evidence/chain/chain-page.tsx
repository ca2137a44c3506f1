import type { Route } from "next";
import Link from "next/link";
import { LiveRefresh } from "@/components/live/live-events";
import { ButtonLink } from "@/components/ui/form/button";
import { CopyButton } from "@/components/ui/names/copy-button";
import { IdentityName } from "@/components/ui/names/identity-name";
import { KeyValue } from "@/components/ui/page/key-value";
import { PageHead } from "@/components/ui/page/page-head";
import { Columns, Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { TruthRail } from "@/components/ui/truth/truth-rail";
import type { ChainView, GrantChain, LinkView } from "@/lib/evidence/views/chain-types";
import { formatCount, formatList, formatPlural, formatSeconds } from "@/lib/platform/format";
import styles from "./chain.module.css";
import { Compared } from "./compared";
import { Policy, Votes } from "./decision";
import { Emergency } from "./emergency";
import { Events } from "./events";
import { LinksTable } from "./links-table";
import { Findings, Proof } from "./proof";
import { chainSummary, chainTitle } from "./summary";

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
        action={chain.kind === "request" ? <ButtonLink href={`/requests/${chain.id}` as Route}>Open the request</ButtonLink> : null}
      />
      {chain.emergency ? <Emergency emergency={chain.emergency} /> : null}
      {newest ? <Grant chain={chain} grant={newest.grant} links={newest.links} /> : null}
      <Columns aside={<Facts chain={chain} />}>
        {newest?.grant ? <Compared chain={chain} grant={newest.grant} /> : null}
        {newest?.grant ? <Proof grant={newest.grant} isDemo={chain.demo} /> : null}
        {newest?.grant ? <Findings findings={newest.grant.findings} /> : null}
        <Votes stages={chain.stages} side={chain.side} state={chain.state} emergency={chain.emergency} />
        <Policy policy={chain.policy} />
        {earlier.map(({ grant, links }) => (
          <Earlier key={grant?.id} chain={chain} grant={grant} links={links} />
        ))}
      </Columns>
      <div className={styles.eventsPart}>
        <Events events={chain.events} hasMore={chain.hasMoreEvents} ledgerSize={chain.ledgerSize} />
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

/** A grant that another one took the place of: its issue failed or its answer was lost. */
function Earlier({ chain, grant, links }: GrantProps) {
  if (!grant) return null;
  return (
    <Section title="An earlier issue" note="Its issue failed or the target's answer was lost; the grant above took its place.">
      <LinksTable links={links} events={chain.events} label="Links of an earlier issue" />
      <Proof grant={grant} isDemo={chain.demo} />
      <Findings findings={grant.findings} />
    </Section>
  );
}

function askedFor({ maxUses, idleSeconds }: ChainView, seconds: number): string {
  const uses = maxUses === null ? "no limit on uses" : `at most ${formatPlural(maxUses, "use")}`;
  return [formatSeconds(seconds), uses, ...(idleSeconds === null ? [] : [`ends when idle for ${formatSeconds(idleSeconds)}`])].join(", ");
}

function placeText(first: bigint | undefined, last: bigint | undefined, count: number): string {
  if (first === undefined || last === undefined) return "not yet in sequence";
  return first === last ? `position ${formatCount(first)}` : `positions ${formatCount(first)} to ${formatCount(last)}, ${formatPlural(count, "event")}`;
}

/** What the ticket system said last, with the hash of the answer that was kept. */
function Ticket({ ticket: { key, provider, facts, hash, fetchedAt } }: { ticket: NonNullable<ChainView["ticket"]> }) {
  return (
    <>
      {key} in {provider}
      {facts ? `: ${facts.state}, ${facts.approved === "yes" ? `approved${facts.approvals.length > 0 ? ` by ${formatList(facts.approvals.map(({ name }) => name))}` : ""}` : "not approved"}` : ": not there"}
      {fetchedAt ? (
        <>
          , as of <RelativeTime at={fetchedAt} what="as of" />
        </>
      ) : null}
      {hash ? (
        <>
          , snapshot <code title={hash}>{hash.slice(0, 12)}</code>
        </>
      ) : null}
    </>
  );
}

function Facts({ chain }: { chain: ChainView }) {
  const { identity, owner, entitlements, intent, standingReason, ticketKey, purpose, asker, triggeredBy, demo, id, events } = chain;
  const positions = events.flatMap(({ position }) => (position === null ? [] : [BigInt(position)]));
  const first = positions[0];
  const last = positions.at(-1);
  return (
    <Section title="What it is about">
      <KeyValue
        facts={[
          { key: "identity", label: "Identity", value: identity ? <IdentityName {...identity} /> : "not known" },
          { key: "owner", label: "Owner", value: owner ?? "nobody" },
          ...entitlements.map((entitlement) => ({
            key: entitlement.id,
            label: "Entitlement",
            value: (
              <span className={styles.entitlement}>
                <span>
                  {entitlement.name} <span className={styles.quiet}>on {entitlement.system}</span>
                </span>
                <SensitivityMark level={entitlement.sensitivity} />
              </span>
            ),
          })),
          { key: "asker", label: "Asked by", value: triggeredBy ? `${asker}, started by ${triggeredBy}` : asker },
          ...(purpose === null ? [] : [{ key: "purpose", label: "Purpose", value: purpose }]),
          { key: "intent", label: "Intent", value: intent === null ? <span className={styles.erased}>erased</span> : <q className={styles.clear}>{intent}</q> },
          ...(standingReason === null ? [] : [{ key: "standing", label: "Held standing already; asked because", value: <q className={styles.clear}>{standingReason}</q> }]),
          ...(chain.askedSeconds === null ? [] : [{ key: "asked", label: "Asked for", value: askedFor(chain, chain.askedSeconds) }]),
          ...(chain.kind === "refused-ask" ? [] : [{ key: "ticket", label: "Ticket", value: chain.ticket ? <Ticket ticket={chain.ticket} /> : ticketKey ? `${ticketKey}: named, not checked` : "none named" }]),
          ...(demo ? [{ key: "demo", label: "Demo data", value: "Played by the demo's seed; nothing was issued on a target." }] : []),
          { key: "positions", label: "In the ledger", value: placeText(first, last, events.length) },
          {
            key: "id",
            label: "Id",
            value: (
              <span className={styles.hash}>
                <code>{id}</code>
                <CopyButton value={id} label="Copy the id" />
              </span>
            ),
          },
        ]}
      />
    </Section>
  );
}
