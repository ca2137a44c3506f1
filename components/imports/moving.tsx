"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import type { ImportProgress } from "@/lib/imports/types";
import { formatCount, formatPlural } from "@/lib/platform/format";
import { formatBytes } from "@/components/ui/file/sizes";

const lookEveryMs = 1_000;

/** How far an import is; looks again every second and stops as soon as its state is another one. */
export function Moving({ id, state, ...start }: ImportProgress) {
  const router = useRouter();
  const [progress, setProgress] = useState<ImportProgress>({ id, state, ...start });
  useEffect(() => {
    const stopped = new AbortController();
    const look = async () => {
      const response = await fetch(`/api/imports/${id}`, { signal: stopped.signal, headers: { accept: "application/json" } });
      if (!response.ok) return;
      const now = (await response.json()) as ImportProgress;
      setProgress(now);
      if (now.state !== state) router.refresh();
    };
    const timer = setInterval(() => void look().catch(() => undefined), lookEveryMs);
    return () => {
      clearInterval(timer);
      stopped.abort();
    };
  }, [id, state, router]);
  return <Banner live={state !== "receiving"}>{wordsOf(progress)}</Banner>;
}

function wordsOf({ state, linesRead, linesRejected, bytesReceived, createdAt, progressAt }: ImportProgress): string {
  if (state === "announced") return "Waiting for the file.";
  if (state === "comparing") return `${formatPlural(linesRead, "line")} read. Comparing with what is known; nothing has changed yet.`;
  if (state === "applying") return "Applying, all at once: until it is done nothing has changed.";
  const seconds = Math.max(1, (Date.parse(progressAt) - Date.parse(createdAt)) / 1_000);
  const rejected = linesRejected > 0 ? `, ${formatCount(linesRejected)} rejected` : "";
  return `${formatBytes(bytesReceived)} here, ${formatPlural(linesRead, "line")} read${rejected}, ${formatCount(Math.round(linesRead / seconds))} a second.`;
}
