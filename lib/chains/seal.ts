import type { GrantState } from "@/lib/grants/types";
import type { RequestState } from "@/lib/requests/types";
import type { Seal, SourceFacts } from "./types";

/** What the seal is worked out from. `endedAt` of a grant: proven, or closed without a proof. */
export type SealFacts = {
  readonly requestState: RequestState;
  readonly grants: readonly { readonly state: GrantState; readonly activatedAt: Date | null; readonly endedAt: Date | null; readonly sources: readonly SourceFacts[] }[];
};

const over: readonly GrantState[] = ["proven", "failed", "lapsed", "forced", "expired-unproven"];

/**
 * Whether a chain is complete: everything of it is over, and the watermark of every source of the systems it was issued on has
 * passed its end plus that source's lag. Polled sources are of their own: the last look after the end closes them.
 */
export function sealOf({ requestState, grants }: SealFacts): Seal {
  if (requestState === "pending" || grants.some(({ state }) => !over.includes(state))) return { state: "live" };
  const lived = grants.filter(({ activatedAt }) => activatedAt !== null);
  const waiting = lived.flatMap(({ endedAt, sources }) => sources.map((source) => ({ source, need: needOf(endedAt, source) })));
  const silent = waiting.filter(({ source }) => source.watermark === null).map(({ source }) => source.name);
  const late = waiting.filter(({ source, need }) => source.watermark !== null && (need === null || source.watermark < need));
  if (silent.length > 0) return { state: "unknowable", silent: unique(silent) };
  if (late.length > 0) return { state: "open", until: latest(late.map(({ need }) => need ?? new Date(0))), late: unique(late.map(({ source }) => source.name)) };
  return { state: "complete", without: lived.some(({ sources }) => sources.length === 0) ? "sources" : null };
}

function needOf(endedAt: Date | null, { lagSeconds }: SourceFacts): Date | null {
  return endedAt && new Date(endedAt.getTime() + lagSeconds * 1_000);
}

const unique = (names: readonly string[]) => [...new Set(names)].sort();
const latest = (times: readonly Date[]) => new Date(Math.max(...times.map((time) => time.getTime())));
