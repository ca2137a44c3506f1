import {
  IconAlertTriangle,
  IconCheck,
  IconCircleDashed,
  IconCircleFilled,
  IconClockHour4,
  IconHourglassLow,
  IconUrgent,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import styles from "./state-badge.module.css";
import type { Tone } from "./tone";

const icons = {
  live: IconCircleFilled,
  ending: IconHourglassLow,
  proven: IconCheck,
  stuck: IconAlertTriangle,
  caution: IconAlertTriangle,
  "break-glass": IconUrgent,
  waiting: IconClockHour4,
  neutral: IconCircleDashed,
} satisfies Record<Tone, typeof IconCheck>;

type StateProps = { tone: Tone; children: ReactNode; /** More, on hover. */ title?: string | undefined };

/** A filled badge. For trouble and for what somebody must see: a healthy row has none, it has a `StateWord`. */
export function StateBadge({ tone, children, title }: StateProps) {
  const Icon = icons[tone];
  return (
    <span className={`${styles.tone} ${styles.badge}`} data-tone={tone} title={title}>
      <Icon size={12} aria-hidden stroke={2.25} className={styles.icon} />
      {children}
    </span>
  );
}

/** A state as icon and word in its colour, without a box: for states that are as they should be. */
export function StateWord({ tone, children, title }: StateProps) {
  const Icon = icons[tone];
  return (
    <span className={`${styles.tone} ${styles.word}`} data-tone={tone} title={title}>
      <Icon size={tone === "live" ? 8 : 14} aria-hidden stroke={2} className={styles.icon} />
      {children}
    </span>
  );
}
