import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import type { EventView } from "@/lib/evidence/views/chain-types";
import { formatCount } from "@/lib/platform/format";
import styles from "../chain.module.css";
import { OpenTarget } from "./open-target";
import { RawEvent } from "./raw-event";

type EventsProps = { events: readonly EventView[]; hasMore: boolean; ledgerSize: string; signedSize: string };

/** Every event of a chain as one sentence; behind each the exact bytes, its position and its leaf hash. */
export function Events({ events, hasMore, ledgerSize, signedSize }: EventsProps) {
  return (
    <Section title="Events" note={`As the ledger holds them, oldest first. Open one for its exact bytes and its proof. ${formatCount(BigInt(ledgerSize))} events are in sequence, ${formatCount(BigInt(signedSize))} of them under a signed checkpoint.`}>
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
                <RawEvent event={event} signedSize={signedSize} />
              </div>
            </details>
          </li>
        ))}
      </ol>
      {hasMore ? <p className={styles.quiet}>This chain has more events than one page shows. The export holds the whole chain.</p> : null}
    </Section>
  );
}
