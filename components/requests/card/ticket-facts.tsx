import { IconTicket } from "@tabler/icons-react";
import { reasonsInWords } from "@/components/tickets/words";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import { formatList } from "@/lib/platform/format";
import type { BoundTicket } from "@/lib/tickets/types";
import styles from "./card.module.css";

/** The ticket of a request: what its system said and when, or that nobody checked it. */
export function TicketFacts({ written, ticket }: { written: string | null; ticket: BoundTicket | null }) {
  if (written === null) return "none named";
  if (ticket === null) {
    return (
      <>
        <Key text={written} />{" "}
        <span className={styles.unchecked} title="No ticket system knows such a key, so Curfew cannot look it up.">
          named, not checked
        </span>
      </>
    );
  }
  const { facts, reasons, downSince } = ticket;
  return (
    <span className={styles.ticket}>
      <span>
        {facts?.url ? (
          <a href={facts.url} rel="noreferrer">
            <Key text={ticket.key} />
          </a>
        ) : (
          <Key text={ticket.key} />
        )}{" "}
        {facts?.title}
      </span>
      {facts ? <span>{sayFacts(facts)}</span> : null}
      <Window facts={facts} />
      {reasons.length > 0 ? <StateBadge tone="stuck">{reasonsInWords(reasons)}</StateBadge> : facts ? <StateWord tone="live">stands for this</StateWord> : null}
      {downSince ? (
        <StateBadge tone="caution">
          {ticket.provider} does not answer, since <RelativeTime at={downSince} what="down since" />
        </StateBadge>
      ) : null}
      <span className={styles.ticketAge}>
        {ticket.fetchedAt ? (
          <>
            {ticket.provider}, seen <RelativeTime at={ticket.fetchedAt} what="seen" />
          </>
        ) : (
          `${ticket.provider} did not answer yet`
        )}
      </span>
    </span>
  );
}

function Key({ text }: { text: string }) {
  return (
    <>
      <IconTicket size={14} aria-hidden className={styles.ticketIcon} /> <code>{text}</code>
    </>
  );
}

function sayFacts({ state, approved, approvals }: NonNullable<BoundTicket["facts"]>): string {
  const by = approvals.length > 0 ? ` by ${formatList(approvals.map(({ name }) => name))}` : "";
  const said = approved === "yes" ? `approved${by}` : approved === "no" ? "not approved" : "approval unknown";
  return state === "approved" && approved === "yes" ? said : `${state}, ${said}`;
}

function Window({ facts }: { facts: BoundTicket["facts"] }) {
  if (!facts?.windowUntil) return null;
  return (
    <span>
      window until <RelativeTime at={facts.windowUntil} what="ends" />
    </span>
  );
}
