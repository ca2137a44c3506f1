import { CopyButton } from "@/components/ui/names/copy-button";
import { CodeBlock } from "@/components/ui/page/code-block";
import { KeyValue } from "@/components/ui/page/key-value";
import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import type { EventView } from "@/lib/evidence/views/chain-types";
import { formatCount } from "@/lib/platform/format";
import styles from "./chain.module.css";
import { OpenTarget } from "./open-target";

type EventsProps = { events: readonly EventView[]; hasMore: boolean; ledgerSize: string };

/** Every event of a chain as one sentence; behind each the exact bytes, its position and its leaf hash. */
export function Events({ events, hasMore, ledgerSize }: EventsProps) {
  return (
    <Section title="Events" note={`As the ledger holds them, oldest first. Open one for its exact bytes. ${formatCount(BigInt(ledgerSize))} events are in sequence.`}>
      <OpenTarget />
      <ol className={styles.events}>
        {events.map((event) => (
          <li key={event.id}>
            <details className={styles.event}>
              <summary>
                <span className={styles.position} title={event.position === null ? "Committed, and not yet in sequence" : `Ledger position ${event.position}`}>
                  {event.position === null ? "…" : formatCount(BigInt(event.position))}
                </span>
                <ExactTime at={event.at} className={styles.eventAt} />
                <span className={styles.sentence}>{event.sentence}</span>
              </summary>
              <div id={`event-${event.id}`} className={styles.raw}>
                <Raw event={event} />
              </div>
            </details>
          </li>
        ))}
      </ol>
      {hasMore ? <p className={styles.quiet}>This chain has more events than one page shows. The export holds the whole chain.</p> : null}
    </Section>
  );
}

function Raw({ event }: { event: EventView }) {
  const { position, leafHash, canonical, type, clear } = event;
  const pretty = JSON.stringify(JSON.parse(canonical), null, 2);
  return (
    <>
      <KeyValue
        facts={[
          { key: "type", label: "Type", value: <code>{type}</code> },
          { key: "position", label: "Ledger position", value: position === null ? "Not yet in sequence: it is committed and gets its position within a second." : formatCount(BigInt(position)) },
          {
            key: "leaf",
            label: "Leaf hash",
            value: leafHash === null ? "With its position." : (
              <span className={styles.hash}>
                <code>{leafHash}</code>
                <CopyButton value={leafHash} label="Copy the leaf hash" />
              </span>
            ),
          },
          ...clear.map(({ field, value, hash }) => ({
            key: `clear.${field}`,
            label: field,
            value: (
              <>
                {value === null ? <span className={styles.erased}>erased</span> : <q className={styles.clear}>{value}</q>}
                <span className={styles.quiet}> stands beside the event, which holds its salted hash </span>
                <code title={hash}>{hash.slice(0, 12)}…</code>
              </>
            ),
          })),
        ]}
      />
      <CodeBlock code={pretty} what={`event ${type} as JSON`} />
      <p className={styles.quiet}>
        Shown with line breaks. The leaf hash is SHA-256 over a zero byte and the exact bytes (RFC 6962), which are canonical JSON (RFC 8785).{" "}
        <CopyButton value={canonical} label="Copy the exact bytes" wide />
      </p>
    </>
  );
}
