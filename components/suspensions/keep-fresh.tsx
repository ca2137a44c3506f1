"use client";

import { useRouter } from "next/navigation";
import { useEffect, useTransition } from "react";

const soonMs = 2_000;
const laterMs = 6_000;

type KeepFreshProps = {
  /** `soon` while something moves by itself, `later` while it may at any moment, null where nothing will. */
  pace: "soon" | "later" | null;
};

/** Asks for the page again while something on it moves by itself and the page is looked at; one question at a time. */
export function KeepFresh({ pace }: KeepFreshProps) {
  const router = useRouter();
  const [isAsking, startAsking] = useTransition();
  useEffect(() => {
    if (pace === null || isAsking) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") startAsking(() => router.refresh());
    }, pace === "soon" ? soonMs : laterMs);
    return () => clearInterval(timer);
  }, [pace, isAsking, router]);
  return null;
}
