import { PlainTable } from "@/components/ui/page/plain-table";
import { KeyValue } from "@/components/ui/page/key-value";
import { Section } from "@/components/ui/page/section";
import { formatCapped, formatCount, formatPlural, formatSeconds } from "@/lib/platform/format";
import { fewestForAggregate, fewestTimed, type Pace } from "@/lib/reviews/rules";
import type { ReviewView } from "@/lib/reviews/views/types";

/** Who is asked and how much of it is open. No speeds: those are nobody else's business. */
export function People({ review: { people, peopleTotal } }: { review: ReviewView }) {
  if (people.length === 0) return null;
  return (
    <Section title="Who is asked" {...(peopleTotal.capped ? { note: `The first ${formatCapped(peopleTotal)}, those with most open first.` } : {})}>
      <PlainTable label="Open items by person" head={["Person", "Open", "Asked"]}>
        {people.map((person) => (
          <tr key={person.id}>
            <th scope="row">{person.name}</th>
            <td>{formatCount(person.open)}</td>
            <td>{formatCount(person.asked)}</td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}

function factsOf({ decided, medianMs, perMinute, keepShare, largestBatch, unopened }: Pace) {
  return [
    { key: "decided", label: "Decided", value: formatPlural(decided, "item") },
    { key: "pace", label: "Pace", value: perMinute === null ? "not known" : `${perMinute} a minute on screen` },
    { key: "median", label: "Half took at most", value: medianMs === null ? "not known" : formatSeconds(Math.round(medianMs / 1_000)) },
    { key: "keeps", label: "Keeps", value: `${Math.round(keepShare * 100)} %` },
    { key: "batch", label: "Largest batch", value: formatCount(largestBatch) },
    { key: "unopened", label: "Not opened", value: formatPlural(unopened, "item") },
  ];
}

/** A person's own figures: nobody else gets them. */
export function OwnPace({ pace }: { pace: Pace | null }) {
  if (!pace) return null;
  return (
    <Section title="Your own pace" note="Only you see this.">
      <KeyValue facts={factsOf(pace)} />
    </Section>
  );
}

/** Everybody's figures together. */
export function PaceTogether({ review: { pace, counts, kind, ownPace } }: { review: ReviewView }) {
  if (pace) {
    return (
      <Section title="Everybody's pace together">
        <KeyValue facts={factsOf(pace)} />
      </Section>
    );
  }
  if (kind === "micro" || counts.decided === 0 || ownPace) return null;
  return (
    <Section title="Everybody's pace together">
      <p>Shown once {fewestForAggregate} people have made {fewestTimed} timed decisions: before that it would be somebody&apos;s own.</p>
    </Section>
  );
}
