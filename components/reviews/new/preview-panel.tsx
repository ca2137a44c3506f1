import type { Route } from "next";
import Link from "next/link";
import { formatCount, formatPlural } from "@/lib/platform/format";
import { mostItems } from "@/lib/reviews/rules";
import type { CampaignPreview } from "@/lib/reviews/views/draft-types";
import styles from "./new.module.css";

/** Whom the campaign would ask about how much, before anybody is. */
export function PreviewPanel({ preview, isAsking }: { preview: CampaignPreview; isAsking: boolean }) {
  const { items, people, nobody, matching } = preview;
  const empty = matching - items;
  return (
    <section className={styles.preview} aria-label="What will happen" aria-busy={isAsking || undefined}>
      <p role="status" className={styles.will}>
        {isAsking ? "Counting…" : preview.isCapped ? `More than ${formatCount(mostItems)} identities: too many for one campaign. Narrow the scope.` : items === 0 ? "There is nothing to ask about." : `Will ask ${formatPlural(people, "person", "people")} for ${formatPlural(items, "item")}.`}
      </p>
      {nobody > 0 ? (
        <p className={styles.nobody}>
          {formatCount(nobody)} of {formatCount(items)} have nobody to ask, so administrators are asked: <Names preview={preview} />
        </p>
      ) : null}
      {empty > 0 ? <p className={styles.quiet}>{formatPlural(empty, "identity", "identities")} of {formatCount(matching)} left out: offboarded, gone, or without anything to review.</p> : null}
      {preview.named.length > 0 ? (
        <ul className={styles.people}>
          {preview.named.map((person) => (
            <li key={person.id}>
              <span>{person.name}</span> <span className={styles.quiet}>{formatPlural(person.items, "item")}</span>
            </li>
          ))}
          {people > preview.named.length ? <li className={styles.quiet}>and {formatPlural(people - preview.named.length, "more person", "more people")}</li> : null}
        </ul>
      ) : null}
    </section>
  );
}

function Names({ preview: { nobody, nobodyNamed } }: { preview: CampaignPreview }) {
  return (
    <>
      {nobodyNamed.map(({ id, name }, index) => (
        <span key={id}>
          {index > 0 ? ", " : ""}
          <Link href={`/identities/${id}` as Route} prefetch={false}>{name}</Link>
        </span>
      ))}
      {nobody > nobodyNamed.length ? ` and ${nobody - nobodyNamed.length} more` : ""}.
    </>
  );
}
