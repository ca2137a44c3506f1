import { formatPlural, formatSeconds, formatUtc } from "@/lib/platform/format";
import type { EventType, SubjectKind } from "../events";
import type { Say, Sentences } from "../sentences";

type Sent = Extract<EventType, `import.${string}` | `source.${string}` | "use.arrived-late">;

function about(say: Say, kind: SubjectKind, otherwise: string): string {
  const id = say.subjects[kind];
  return id === undefined ? otherwise : say.name(kind, id);
}

const words = (code: string) => code.replaceAll("-", " ");

/** Sentences of files and logs that were sent about a system. */
export const sourceSentences: Pick<Sentences, Sent> = {
  "import.received": (data, say) =>
    `${data.tokenId === null ? say.actor : "A machine"} sent a file about ${about(say, "system", "a system")}: ${formatPlural(data.lines, "line")} read, ${data.rejected} not taken.`,
  "import.failed": (data, say) => `A file about ${about(say, "system", "a system")} could not be taken: ${words(data.code)}. Nothing changed.`,
  "import.confirmed": (_data, say) => `${say.actor} looked at what a file changes in ${about(say, "system", "a system")} and wants it applied.`,
  "import.discarded": (_data, say) => `${say.actor} threw away what a file would have changed in ${about(say, "system", "a system")}.`,
  "import.applied": (data, say) =>
    `A file was applied to ${about(say, "system", "a system")}: ${data.appeared} new (${formatPlural(data.identities, "identity", "identities")} among them), ${data.returned} back, ${data.changed} changed, ${data.vanished} gone, ${data.contradictions} told otherwise by another file.`,
  "import.token-made": (data, say) => `${say.actor} let a machine send files about ${about(say, "system", "a system")} until ${formatUtc(data.expiresAt)}.`,
  "import.token-withdrawn": (_data, say) => `${say.actor} took back a machine's way to send files about ${about(say, "system", "a system")}.`,
  "source.made": (data, say) =>
    `${say.actor} gave ${about(say, "system", "a system")} a source of uses (${words(data.format)}${data.isWatched ? ", read from a watched folder" : ""}); its lines may take ${formatSeconds(data.lagSeconds)} to come.`,
  "source.closed": (_data, say) => `${say.actor} closed a source of uses of ${about(say, "system", "a system")}; what it reported stays.`,
  "source.file-read": (data, say) =>
    `${say.actor} sent a log of ${about(say, "system", "a system")}: ${formatPlural(data.lines, "line")} read, ${formatPlural(data.uses, "new use")}, ${data.repeated} known before, ${data.rejected} not taken.`,
  "source.token-made": (data, say) => `${say.actor} let a machine send the log of ${about(say, "system", "a system")} until ${formatUtc(data.expiresAt)}.`,
  "source.token-withdrawn": (_data, say) => `${say.actor} took back a machine's way to send the log of ${about(say, "system", "a system")}.`,
  "use.arrived-late": (data) =>
    `${formatPlural(data.uses, "use")} arrived after the source had said that everything up to ${formatUtc(data.watermark)} was reported; the oldest is of ${formatUtc(data.oldestAt)}.`,
};
