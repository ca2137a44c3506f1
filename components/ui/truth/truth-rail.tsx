import { IconAlertTriangle, IconCheck, IconX } from "@tabler/icons-react";
import { ClockTime, RelativeTime } from "@/components/ui/time/relative-time";
import { formatDuration, type Instant } from "@/lib/platform/format";
import styles from "./truth-rail.module.css";

/** One link of a chain, in plain data that a server can send. */
export type TruthRailLink = {
  readonly key: string;
  /** One or two words: "asked", "first use", "proven dead". */
  readonly label: string;
  /** When it was reached. */
  readonly at: Instant | null;
  /** Milliseconds since the link before, where that says something. */
  readonly duration?: number | null;
  readonly state: "reached" | "pending" | "late" | "failed" | "skipped";
  /** What is known about it, or for a late one what comes next: "target unreachable · next try in 20 s". */
  readonly note?: string | null;
  /** How we know: "ledger 1,204", "target's own statistics". */
  readonly source?: string | null;
  /** Since when a late or failed link is overdue; its age is shown. */
  readonly since?: Instant | null;
};

type TruthRailProps = {
  links: readonly TruthRailLink[];
  /** What the rail is about, for those who hear it: "Session of deploy-bot on write orders". */
  label: string;
  /** Colours the newest link that was reached: the session lives, or it is on its way out. */
  now?: "live" | "ending" | undefined;
  /** Without notes and sources, for rows and cards. */
  compact?: boolean;
};

const words = {
  reached: "",
  pending: "not reached yet",
  late: "late",
  failed: "failed",
  skipped: "did not happen",
} satisfies Record<TruthRailLink["state"], string>;

/**
 * Asked ── decided ── issued ── first use ── last use ── ended ── proven dead. Solid where it happened, hollow where
 * it has not, red with its age where it should have. Lies across from 768 px on, stands upright below.
 */
export function TruthRail({ links, label, now, compact = false }: TruthRailProps) {
  const newest = links.findLastIndex((link) => link.state === "reached");
  return (
    <ol className={styles.rail} aria-label={label} data-compact={compact || undefined}>
      {links.map((link, index) => (
        <li
          key={link.key}
          className={styles.link}
          data-state={link.state}
          data-now={index === newest && newest < links.length - 1 ? now : undefined}
          data-last={index === links.length - 1 || undefined}
          data-leads={(link.state === "reached" && links[index + 1]?.state === "reached") || undefined}
        >
          <Marker link={link} last={index === links.length - 1} />
          <Facts link={link} compact={compact} />
        </li>
      ))}
    </ol>
  );
}

function Marker({ link, last }: { link: TruthRailLink; last: boolean }) {
  return (
    <span className={styles.marker} aria-hidden>
      {link.state === "reached" && last ? <IconCheck size={12} stroke={3} /> : null}
      {link.state === "late" ? <IconAlertTriangle size={12} stroke={2.5} /> : null}
      {link.state === "failed" ? <IconX size={12} stroke={3} /> : null}
    </span>
  );
}

function Facts({ link, compact }: { link: TruthRailLink; compact: boolean }) {
  const word = words[link.state];
  return (
    <div className={styles.facts}>
      <span className={styles.label}>
        {link.label}
        {word ? <span className="visually-hidden">, {word}</span> : null}
      </span>
      {link.at === null ? null : (
        <span className={styles.time}>
          <ClockTime at={link.at} what={link.label} />
          {link.duration ? <span className={styles.duration}> +{formatDuration(link.duration)}</span> : null}
        </span>
      )}
      {link.since && (link.state === "late" || link.state === "failed") ? (
        <span className={styles.age}>
          {link.state === "late" ? "due " : "failed "}
          <RelativeTime at={link.since} what={link.state === "late" ? "due since" : "failed since"} />
        </span>
      ) : null}
      {link.at === null && link.state === "skipped" ? <span className={styles.time}>—</span> : null}
      {compact || !link.note ? null : <span className={styles.note}>{link.note}</span>}
      {compact || !link.source ? null : <span className={styles.source}>{link.source}</span>}
    </div>
  );
}
