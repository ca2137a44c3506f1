"use client";

import { formatCountdown, formatDuration, formatUtc, type Instant, toMilliseconds } from "@/lib/platform/format";
import { useNow } from "./clock";
import styles from "./countdown.module.css";

type CountdownProps = {
  /** When it reaches zero. */
  until: Instant;
  /** Full length, to turn amber in the last tenth. */
  totalSeconds: number;
  /** What happens at zero, for example "its login and open connections end". */
  atZero: string;
  /** `row` in tables, `figure` in big figures with what happens below. */
  size?: "row" | "figure";
};

/** Counts down on the server's clock, amber in the last tenth, and says what will happen at zero. */
export function Countdown({ until, totalSeconds, atZero, size = "row" }: CountdownProps) {
  const now = useNow();
  const left = toMilliseconds(until) - now;
  const phase = left <= 0 ? "over" : left <= totalSeconds * 100 ? "last" : "running";
  return (
    <span className={styles.root} data-size={size} data-phase={phase} title={`At ${formatUtc(until)} ${atZero}`}>
      <span role="timer" aria-label={left > 0 ? `${formatDuration(left)} left` : "over"} className={styles.figure}>
        {phase === "over" ? "0:00" : formatCountdown(left)}
        {phase === "over" ? null : <span className={styles.word}> left</span>}
      </span>
      {size === "figure" || phase !== "running" ? (
        <span className={styles.zero}>{phase === "over" ? `Now ${atZero}` : `then ${atZero}`}</span>
      ) : null}
    </span>
  );
}
