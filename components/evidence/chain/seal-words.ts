import type { Tone } from "@/components/ui/truth/tone";
import type { SealState } from "@/lib/evidence/types";
import type { SealSource, SealView } from "@/lib/evidence/views/chain-types";
import { formatList, formatSeconds, formatUtc } from "@/lib/platform/format";

/** The seal in a word or two, with which its sentence begins, and its colour. */
export const sealMarks = {
  complete: { tone: "proven", word: "Complete" },
  open: { tone: "waiting", word: "Open" },
  unknowable: { tone: "caution", word: "Cannot be known" },
  live: { tone: "live", word: "Live" },
  broken: { tone: "stuck", word: "Seal broken" },
} as const satisfies Record<SealState, { tone: Tone; word: string }>;

const named = (names: readonly string[]) => formatList(names.map((name) => `“${name}”`));

/** Whether everything of a chain has been reported: the sentence behind the word. */
export function sealText({ state, sealedAt, brokenAt, brokenBy, openUntil, waitsFor, sources, hasNoSources }: SealView): string {
  const since = sealedAt ? `since ${formatUtc(sealedAt)}` : "by now";
  switch (state) {
    case "complete":
      if (hasNoSources) return `${since}, as far as anything is reported: no source of uses is known where it was issued.`;
      return sources.length === 0 ? `${since}: it never came to life, so that there was nothing to use.` : `${since}: every source of uses has reported past its end.`;
    case "open":
      return `until ${waitsFor.length > 0 ? named(waitsFor) : "a late source"} ${waitsFor.length > 1 ? "have" : "has"} reported${openUntil ? ` everything up to ${formatUtc(openUntil)}` : " past its end"}.`;
    case "unknowable":
      return `because ${waitsFor.length > 0 ? named(waitsFor) : "a source"} never ${waitsFor.length > 1 ? "say how far they have" : "says how far it has"} reported.`;
    case "live":
      return "now. It can be complete only once everything of it is over and every source has reported past that.";
    case "broken": {
      const by = brokenBy === null ? "a source that is gone" : `“${brokenBy}”`;
      return `${brokenAt ? `at ${formatUtc(brokenAt)} ` : ""}by ${by}: data came later than it had said it could.${sealedAt ? ` It had been complete since ${formatUtc(sealedAt)}.` : ""}`;
    }
  }
}

/** How far one source is against how far the chain needs it. */
export function sourceText({ state, watermark, neededAt, lagSeconds }: SealSource): string {
  const lag = lagSeconds === 0 ? "" : `, its lag of ${formatSeconds(lagSeconds)} included`;
  switch (state) {
    case "passed":
      return `has passed the end of the chain${lag}`;
    case "late":
      return watermark && neededAt ? `late: ${formatSeconds(Math.max(1, Math.ceil((Date.parse(neededAt) - Date.parse(watermark)) / 1_000)))} short of it${lag}` : "late";
    case "silent":
      return "has never said how far it has reported";
    case "live":
      return "the chain is not over";
  }
}
