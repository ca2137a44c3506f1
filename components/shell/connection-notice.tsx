"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { useLiveState } from "@/components/live/live-events";
import { Banner } from "@/components/ui/feedback/banner";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { serverNow } from "@/components/ui/time/clock";
import styles from "./notice.module.css";

/** A connection that comes back within this time is not worth a word. */
const patienceMilliseconds = 8_000;

function onConnection(notify: () => void): () => void {
  window.addEventListener("offline", notify);
  window.addEventListener("online", notify);
  return () => {
    window.removeEventListener("offline", notify);
    window.removeEventListener("online", notify);
  };
}

type Trouble = "offline" | "not-live";

/** What is wrong with the connection right now. */
function useTrouble(): Trouble | null {
  const isOnline = useSyncExternalStore(
    onConnection,
    () => navigator.onLine,
    () => true,
  );
  const live = useLiveState();
  if (!isOnline) return "offline";
  return live === "lost" ? "not-live" : null;
}

/** Says since when this browser is offline, or hears no changes: what is on screen is as old as that. */
export function ConnectionNotice() {
  const trouble = useTrouble();
  return (
    <div role="status">
      {trouble === null ? null : <Notice key={trouble} trouble={trouble} />}
    </div>
  );
}

function Notice({ trouble }: { trouble: Trouble }) {
  const [since] = useState(serverNow);
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), trouble === "offline" ? 0 : patienceMilliseconds);
    return () => clearTimeout(timer);
  }, [trouble]);
  if (!isShown) return null;
  return (
    <div className={styles.notice}>
      <Banner tone="warning">
        {trouble === "offline" ? (
          <>
            You are offline. What you see is from <RelativeTime at={since} what="offline since" />; nothing you do here
            reaches Curfew until you are back.
          </>
        ) : (
          <>
            Curfew does not send changes since <RelativeTime at={since} what="not live since" />. What you see may be
            old; the page keeps trying.
          </>
        )}
      </Banner>
    </div>
  );
}
