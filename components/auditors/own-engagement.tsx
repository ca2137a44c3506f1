import { KeyValue } from "@/components/ui/page/key-value";
import { ExactTime } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { OwnEngagement as Engagement } from "@/lib/auditors/types";
import { formatList } from "@/lib/platform/format";

const without = "Here persons have pseudonyms, the same in every chain and file. Left out: what people wrote, where sessions came from, accounts other than the issued ones, and the exact bytes of events, which hold ids of persons; their leaf hashes and proofs are there. Files are CSV and JSON Lines; the others hold names or exact bytes.";

/** What an engagement shows and leaves out, to whoever has it. */
export function OwnEngagement({ engagement: { since, until, fromDay, toDay, systems, names, reason } }: { engagement: Engagement }) {
  return (
    <KeyValue
      facts={[
        { key: "until", label: "Until", value: <><ExactTime at={until} /> (<RelativeTime at={until} what="ends" />). Nothing opens from then on.</> },
        { key: "period", label: "Evidence asked", value: `from ${fromDay} to ${toDay}, both days whole, in UTC` },
        { key: "systems", label: "Systems", value: systems.length === 0 ? "every system" : `${formatList(systems)}, and no other. A request for several accesses is shown only if all of them are there.` },
        { key: "names", label: "Persons", value: names ? "With names, with what people wrote, and with files of every form." : without },
        { key: "not", label: "You cannot", value: "decide, change or keep anything, or see what is of the whole installation." },
        { key: "reason", label: "What it is for", value: reason },
        { key: "since", label: "Given", value: <RelativeTime at={since} what="given" /> },
      ]}
    />
  );
}
