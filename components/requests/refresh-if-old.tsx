"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { serverNow } from "@/components/ui/time/clock";

const oldAfterMs = 5_000;

/** "Back" shows a page as it was when it was left; this reads it anew. Just rendered, it does nothing. */
export function RefreshIfOld({ asOf }: { asOf: string }) {
  const router = useRouter();
  useEffect(() => {
    if (serverNow() - new Date(asOf).getTime() > oldAfterMs) router.refresh();
    // Once, when the page is shown: what is refreshed is not old.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return null;
}
