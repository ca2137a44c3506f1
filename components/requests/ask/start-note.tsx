import type { Route } from "next";
import Link from "next/link";
import { Banner } from "@/components/ui/feedback/banner";
import { Duration } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatUtc } from "@/lib/platform/format";
import type { AskStart } from "@/lib/requests/views/types";
import styles from "./ask.module.css";

/** Says what the form was filled in with, and what that means. */
export function StartNote({ start }: { start: AskStart }) {
  const former = <Link prefetch={false} href={`/requests/${start.requestId}` as Route}>request {start.number}</Link>;
  return (
    <div className={styles.start}>
      <Banner>
        {start.kind === "extends" && start.endsAt ? (
          <>
            This extends {former}. Its session ends <RelativeTime at={start.endsAt} /> ({formatUtc(start.endsAt)}), after <Duration seconds={start.earlierSeconds} /> in a
            row. Once approved, you get a new credential in the last 15 min before that end; its time counts from that end, so that nothing is interrupted.
          </>
        ) : start.kind === "after" ? (
          <>This asks {former} again, which was denied. Change what was wrong with it: whoever decides sees what is different.</>
        ) : (
          <>Filled in from {former}. Nothing is asked until you ask.</>
        )}
      </Banner>
    </div>
  );
}
