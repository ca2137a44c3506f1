"use client";

import { useEffect, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { RelativeTime } from "@/components/ui/time/relative-time";
import styles from "./notice.module.css";

/** Says since when this browser is offline: what is on screen is as old as that. */
export function ConnectionNotice() {
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => {
    const lose = () => setSince(Date.now());
    const regain = () => setSince(null);
    window.addEventListener("offline", lose);
    window.addEventListener("online", regain);
    return () => {
      window.removeEventListener("offline", lose);
      window.removeEventListener("online", regain);
    };
  }, []);
  return (
    <div role="status" className={since === null ? undefined : styles.notice}>
      {since === null ? null : (
        <Banner tone="warning">
          You are offline. What you see is from <RelativeTime at={since} what="offline since" />; nothing you do here
          reaches Curfew until you are back.
        </Banner>
      )}
    </div>
  );
}
