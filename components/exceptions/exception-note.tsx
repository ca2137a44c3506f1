import { PersonName } from "@/components/ui/names/person-name";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { ExceptionView } from "@/lib/exceptions/types";
import { formatUtcDay } from "@/lib/platform/format";
import styles from "./exceptions.module.css";

/** Who answers for a standing assignment, until when, why, and what keeps it in check. */
export function ExceptionNote({ exception }: { exception: ExceptionView }) {
  const lastDay = formatUtcDay(new Date(new Date(exception.endsAt).getTime() - 1));
  return (
    <div className={styles.note}>
      <span>
        <PersonName person={exception.owner} /> answers for it until {lastDay} (<RelativeTime at={exception.endsAt} what="ends" />)
      </span>
      <span>Why: {exception.reason}</span>
      <span>Kept in check by: {exception.controls}</span>
    </div>
  );
}
