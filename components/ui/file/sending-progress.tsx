import { Button } from "@/components/ui/form/button";
import formStyles from "@/components/ui/form/form.module.css";
import styles from "./file.module.css";
import { formatBytes } from "./sizes";
import type { Sending } from "./use-sending";

/** How much of a file is gone, and a way to stop. */
export function SendingProgress({ sending, size }: { sending: Sending; size: number }) {
  const isSent = sending.sent >= size;
  return (
    <div className={styles.progress}>
      <progress max={size} value={sending.sent} aria-label="Sent" />
      <p className={formStyles.note} role="status">
        {isSent ? "All is sent and being read." : `${formatBytes(sending.sent)} of ${formatBytes(size)} sent. Leaving this page stops it.`}
      </p>
      {isSent ? null : <Button size="small" onClick={sending.stop}>Stop sending</Button>}
    </div>
  );
}
