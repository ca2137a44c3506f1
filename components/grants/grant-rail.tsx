"use client";

import { useNow } from "@/components/ui/time/clock";
import { TruthRail } from "@/components/ui/truth/truth-rail";
import type { GrantView } from "@/lib/requests/views/types";
import { railOf, type RailRequest } from "./rail";

type GrantRailProps = {
  request: RailRequest;
  /** Null where the request has no grant. */
  grant: GrantView | null;
  label: string;
};

const moving: readonly (string | undefined)[] = ["ending", "accepted", "stuck", "active", "issuing"];

/** The chain of one grant; ages and next tries are kept true while it is looked at. */
export function GrantRail({ request, grant, label }: GrantRailProps) {
  // What is over does not move any more.
  const now = useNow(moving.includes(grant?.state) ? 1_000 : 60_000);
  const tone = grant?.state === "active" ? "live" : grant?.state === "ending" || grant?.state === "accepted" ? "ending" : undefined;
  return <TruthRail links={railOf(request, grant, now)} label={label} now={tone} />;
}
