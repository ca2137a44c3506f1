import { CopyButton } from "@/components/ui/names/copy-button";
import { IdentityName } from "@/components/ui/names/identity-name";
import { KeyValue } from "@/components/ui/page/key-value";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import type { ChainView } from "@/lib/evidence/views/chain-types";
import { formatCount, formatList, formatPlural, formatSeconds } from "@/lib/platform/format";
import styles from "./chain.module.css";

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

/** What the chain is about, and where it stands in the ledger. */
export function ChainFacts({ chain }: { chain: ChainView }) {
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
