import { formatList, formatPlural, formatUtc } from "@/lib/platform/format";
import type { EventType } from "../events";
import type { Say, Sentences } from "../sentences";

type Auditor = Extract<EventType, `auditor.${string}`>;

const whose = (say: Say) => (say.subjects.person === undefined ? "an auditor" : say.name("person", say.subjects.person));

/** Sentences of what auditors may see, and of what they looked at. */
export const auditorSentences: Pick<Sentences, Auditor> = {
  "auditor.engaged": (data, say) => {
    const where = data.systemIds.length === 0 ? "every system" : formatList(data.systemIds.map((id) => say.name("system", id)));
    return `${say.actor} let ${say.name("person", data.personId)} see evidence of ${where} asked from ${data.fromDay} to ${data.toDay}, ${data.names ? "with" : "without"} names, until ${formatUtc(data.until)}, and nothing else.`;
  },
  "auditor.engagement-ended": (_data, say) => `${say.actor} ended the engagement of ${whose(say)}.`,
  "auditor.engagement-removed": (_data, say) => `${say.actor} removed the engagement of ${whose(say)}, which was over.`,
  "auditor.looks-digested": (data) => `On ${data.day} auditors looked at evidence ${formatPlural(data.count, "time")}; the record of it has the hash ${data.sha256.slice(0, 16)}….`,
};
