"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { serverNow } from "@/components/ui/time/clock";

const oldAfterMs = 5_000;
/** When the newest page that was shown at an address was rendered: one that is not newer was gone back to. */
const newest = new Map<string, string>();

/** "Back" shows a page as it was when it was left; this reads it anew. Just rendered, it does nothing. */
export function RefreshIfOld({ asOf }: { asOf: string }) {
  const router = useRouter();
  useEffect(() => {
    const isBack = asOf <= (newest.get(window.location.pathname) ?? "");
    if (isBack || serverNow() - new Date(asOf).getTime() > oldAfterMs) router.refresh();
    // Once, when the page is shown: what is refreshed is not old.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useEffect(() => {
    newest.set(window.location.pathname, asOf);
  }, [asOf]);
  return null;
}
