"use client";

import { useNow } from "@/components/ui/time/clock";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { unseenShort, unseenWords, visibleTitle } from "./words";
import styles from "./identities.module.css";

type LastUseProps = {
  at: string | null;
  visibleSince: string | null;
  /** For tables. */
  short?: boolean;
};

/** When it was last seen at work, or what can honestly be said where it was not seen. */
export function LastUse({ at, visibleSince, short = false }: LastUseProps) {
  const now = useNow(60_000);
  if (at !== null) return <RelativeTime at={at} what="last seen at work" />;
  return (
    <span className={styles.unseen} title={visibleTitle(visibleSince)}>
      {short ? unseenShort(visibleSince, now) : unseenWords(visibleSince, now)}
    </span>
  );
}
