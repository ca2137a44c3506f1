"use client";

import { Button } from "@/components/ui/form/button";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { Instant } from "@/lib/platform/format";
import { Banner } from "./banner";

type StaleNoticeProps = {
  /** Who changed it, where that is known. */
  by?: string;
  at: Instant;
  onShow: () => void;
};

/** "Changed by a colleague 5 s ago · show": what is on screen stays until asked for. */
export function StaleNotice({ by, at, onShow }: StaleNoticeProps) {
  return (
    <Banner live action={<Button size="small" onClick={onShow}>Show</Button>}>
      Changed {by ? `by ${by} ` : ""}
      <RelativeTime at={at} what="changed" />. What you see is from before.
    </Banner>
  );
}
