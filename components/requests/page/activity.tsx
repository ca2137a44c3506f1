import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { ActivityView } from "@/lib/requests/views/types";
import styles from "./page.module.css";

/** What happened, the newest first, from the ledger. */
export function Activity({ activity }: { activity: readonly ActivityView[] }) {
  if (activity.length === 0) return null;
  return (
    <Section title="Activity">
      <ol className={styles.activity}>
        {activity.map(({ key, at, who, what, trouble }) => (
          <li key={key} data-trouble={trouble || undefined}>
            <RelativeTime at={at} className={styles.activityAt} />
            <span>
              {who ? <strong>{who}</strong> : null} {what}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
