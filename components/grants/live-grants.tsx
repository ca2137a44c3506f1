"use client";

import { useRouter } from "next/navigation";
import { useLive } from "@/components/live/live-events";
import { isRefreshHeld } from "./hold-refresh";

/** Renders a request's page anew when something about it happens, unless a credential is being shown on it. */
export function LiveGrants({ requestId }: { requestId: string }) {
  const router = useRouter();
  useLive(({ changes, missed }) => {
    if (isRefreshHeld()) return;
    if (missed || changes.some(({ subjects }) => subjects["request"] === requestId)) router.refresh();
  });
  return null;
}
