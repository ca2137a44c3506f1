"use client";

import { useNow } from "@/components/ui/time/clock";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { type Instant, toMilliseconds } from "@/lib/platform/format";

/** When the next try is: "next try in 20 s", or that it is due. */
export function NextTry({ at }: { at: Instant }) {
  const isDue = toMilliseconds(at) <= useNow();
  if (isDue) return <>next try is due</>;
  return (
    <>
      next try <RelativeTime at={at} what="next try" />
    </>
  );
}
