import { tableRoles } from "@/components/data-table/table-roles";
import { ExactTime } from "@/components/ui/time/duration";
import { clockText } from "@/lib/evidence/rules";
import type { EventView, LinkView } from "@/lib/evidence/views/chain-types";
import { formatCount, formatDuration } from "@/lib/platform/format";
import styles from "./chain.module.css";

const hollow = { pending: "not reached yet", late: "late", failed: "failed", skipped: "not reached", reached: "" } as const satisfies Record<LinkView["state"], string>;

type LinksTableProps = { links: readonly LinkView[]; events: readonly EventView[]; label: string };

/** The seven links, each with its exact time, who, whose word it is, and the event behind it. */
export function LinksTable({ links, events, label }: LinksTableProps) {
  return (
    <table className={styles.links} role="table" aria-label={label}>
      <thead {...tableRoles.group}>
        <tr {...tableRoles.row}>
          <th {...tableRoles.head} scope="col">Link</th>
          <th {...tableRoles.head} scope="col">Time</th>
          <th {...tableRoles.head} scope="col">Who</th>
          <th {...tableRoles.head} scope="col">What is known</th>
          <th {...tableRoles.head} scope="col">Who says so</th>
          <th {...tableRoles.head} scope="col">Event</th>
        </tr>
      </thead>
      <tbody {...tableRoles.group}>
        {links.map((link) => (
          <LinkRow key={link.key} link={link} events={events} />
        ))}
      </tbody>
    </table>
  );
}

function LinkRow({ link, events }: { link: LinkView; events: readonly EventView[] }) {
  const { state, at, since, afterMs, label, who, note, source, clock, eventIds } = link;
  return (
    <tr {...tableRoles.row} data-state={state}>
      <th {...tableRoles.cell} scope="row" className={styles.linkName}>
        {label}
      </th>
      <td {...tableRoles.cell} className={styles.linkTime} data-label="Time">
        {at === null || state !== "reached" ? (
          <span className={styles.hollow}>
            {hollow[state] || "not reached"}
            {since ? <> since <ExactTime at={since} /></> : null}
            {at && state !== "reached" ? <> · <ExactTime at={at} /></> : null}
          </span>
        ) : (
          <>
            <ExactTime at={at} />
            {afterMs === null ? null : <span className={styles.after}> +{formatDuration(afterMs)}</span>}
          </>
        )}
      </td>
      <td {...tableRoles.cell} data-label="Who" data-empty={who === null || undefined}>{who ?? "—"}</td>
      <td {...tableRoles.cell} data-label="Known" data-empty={note === null || note === "" || undefined} className={styles.linkNote}>{note || "—"}</td>
      <td {...tableRoles.cell} data-label="Says" data-empty={(source === null && clock === null) || undefined} className={styles.linkSource}>
        <span>
          {source ?? (clock === null ? "—" : "")}
          {clock === null ? null : <span className={styles.clock}>{clockText(clock)}</span>}
        </span>
      </td>
      <td {...tableRoles.cell} data-label="Event" data-empty={eventIds.length === 0 || undefined}>
        <span>{eventIds.length === 0 ? "—" : eventIds.map((id) => <EventLink key={id} event={events.find((event) => event.id === id)} />)}</span>
      </td>
    </tr>
  );
}

function EventLink({ event }: { event: EventView | undefined }) {
  if (!event) return null;
  const place = event.position === null ? "no position yet" : formatCount(BigInt(event.position));
  return (
    <a href={`#event-${event.id}`} className={styles.eventLink} title={event.type} aria-label={`Event ${place}, ${event.type}`}>
      {place}
    </a>
  );
}
