import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import type { TicketMoment } from "@/lib/evidence/views/chain-types";
import styles from "./chain.module.css";

/** What the ticket was at each moment at which it counted, with the hash of the answer that was kept. */
export function TicketMoments({ moments }: { moments: readonly TicketMoment[] }) {
  if (moments.length === 0) return null;
  return (
    <Section title="Ticket at each moment" note="Each look is an event. The answer of the ticket system is kept under its SHA-256.">
      <ol className={styles.votes}>
        {moments.map(({ eventId, at, sentence, hash, fetchedAt, state }) => (
          <li key={eventId}>
            <span>
              <ExactTime at={at} className={styles.quiet} /> · {sentence} <a href={`#event-${eventId}`}>Its event</a>
            </span>
            <span className={styles.quiet}>
              {hash === null ? "No such ticket was there." : <>Snapshot <code className={styles.wrapped}>{hash}</code>{fetchedAt ? <>, fetched <ExactTime at={fetchedAt} /></> : null}</>}
              {state === null ? "" : `, state: ${state}`}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
