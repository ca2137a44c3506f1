"use client";

import { useNow } from "@/components/ui/time/clock";
import { TruthRail } from "@/components/ui/truth/truth-rail";
import type { SuspensionView } from "@/lib/suspensions/types";
import { railOf } from "./rail";
import { kindWords } from "./words";

/** Ordered ── sign-in taken ── seen gone, and the same way back; ages and next tries are kept true while it is looked at. */
export function SuspensionRail({ suspension, name }: { suspension: SuspensionView; name: string }) {
  const isMoving = suspension.closedAt === null;
  const now = useNow(isMoving ? 1_000 : 60_000);
  return <TruthRail links={railOf(suspension, now)} label={`${kindWords[suspension.kind]} of ${name}`} now={isMoving ? "ending" : undefined} />;
}
