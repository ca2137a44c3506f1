import { formatPlural, formatSeconds } from "@/lib/platform/format";
import type { OwnPace } from "@/lib/requests/views/queue-types";
import styles from "./news.module.css";

/** How the reader decided lately: nobody else is shown it. */
export function OwnPaceLine({ pace: { days, decided, medianMs, unopened, hasty, together } }: { pace: OwnPace }) {
  const said = [
    `${formatPlural(decided, "decision")} in ${days} d`,
    medianMs === null ? null : `half of them within ${formatSeconds(Math.max(1, Math.round(medianMs / 1_000)))} of opening`,
    unopened > 0 ? `${unopened} not opened` : null,
    hasty > 0 ? `${hasty} faster than they can be read` : null,
    together > 0 ? `${together} together with others` : null,
  ].filter((part) => part !== null);
  return <p className={styles.pace}>Yours, and only you see it: {said.join(" · ")}.</p>;
}
