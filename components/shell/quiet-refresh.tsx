"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useRef, useState } from "react";
import { useLive } from "@/components/live/live-events";
import { StaleNotice } from "@/components/ui/feedback/stale-notice";
import { serverNow } from "@/components/ui/time/clock";

type QuietRefreshProps = {
  /** Starts of the kinds of events that change what is shown, for example `["request.", "grant."]`. */
  kinds: readonly string[];
  children: ReactNode;
};

/**
 * Keeps what it holds fresh without moving anything under the pointer or away from the focus: while somebody points at it or
 * works in it, it says that something changed and waits to be asked.
 */
export function QuietRefresh({ kinds, children }: QuietRefreshProps) {
  const router = useRouter();
  const root = useRef<HTMLDivElement>(null);
  const [changedAt, setChangedAt] = useState<number | null>(null);

  function refresh() {
    setChangedAt(null);
    router.refresh();
  }

  useLive(({ changes, missed }) => {
    if (!missed && !changes.some(({ type }) => kinds.some((kind) => type.startsWith(kind)))) return;
    const element = root.current;
    const isInUse = element?.matches(":hover") || element?.contains(document.activeElement);
    if (isInUse) setChangedAt(serverNow());
    else refresh();
  });

  return (
    <>
      {changedAt === null ? null : <StaleNotice at={changedAt} onShow={refresh} />}
      <div ref={root}>{children}</div>
    </>
  );
}
