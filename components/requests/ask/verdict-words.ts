import { formatPlural } from "@/lib/platform/format";
import type { AskVerdict } from "@/lib/requests/views/types";
import { sayRefusal } from "../refusals";

/** The verdict in one sentence: it is seen first and spoken once. */
export function sayVerdict(verdict: AskVerdict): string {
  switch (verdict.outcome) {
    case "approved-at-once":
      return "Approved at once: policy lets this be given without anybody being asked.";
    case "asks": {
      const turns = new Set(verdict.stages.map(({ position }) => position)).size;
      const stages = turns > 1 ? `, in ${verdict.stages.length} stages${turns === verdict.stages.length ? " one after the other" : ""}` : "";
      return `${formatPlural(verdict.notified, "person", "people")} will be asked${stages}.`;
    }
    case "refused":
      return verdict.refusal ? sayRefusal("submit", verdict.refusal.code, verdict.refusal.detail).text : "This cannot be asked for.";
  }
}
