import type { Route } from "next";
import Link from "next/link";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { featureWords } from "@/lib/controls/rules";
import type { ControlView, FeatureFigures, Figure } from "@/lib/controls/types";
import { formatCapped, formatPlural } from "@/lib/platform/format";
import styles from "./controls.module.css";

/** What Curfew shows for one control: each feature with live figures and its limit, and what is open. */
export function ControlPage({ view }: { view: ControlView }) {
  return (
    <>
      <Section title="What Curfew shows for it" note={view.isBounded ? "Figures of this moment, of the chains of your engagement only; each leads to its rows where it can." : "Figures of this moment; each leads to its rows where it can."}>
        {view.features.map((feature) => (
          <Feature key={feature.key} feature={feature} />
        ))}
      </Section>
      <Section title="What is open" note={view.openFindings === 0 ? `No open finding ${view.isBounded ? "about your chains " : ""}speaks against it. That is what Curfew looked for, no more.` : `${formatPlural(view.openFindings, "open finding")}, the newest first.`}>
        {view.findings.length === 0 ? null : (
          <ListRows label="Open findings">
            {view.findings.map(({ id, title, requestId, identity, openedAt }) => (
              <ListRow
                key={id}
                head={requestId ? <Link href={`/evidence/${requestId}`} prefetch={false}>{title}</Link> : <strong>{title}</strong>}
                end={<RelativeTime at={openedAt} what="opened" />}
                facts={identity ? <span>about {view.isBounded ? identity.name : <Link href={`/identities/${identity.id}`} prefetch={false}>{identity.name}</Link>}</span> : null}
              />
            ))}
          </ListRows>
        )}
      </Section>
      {view.related.length === 0 ? null : (
        <Section title="The same evidence elsewhere" note="Controls of other catalogues that the very same parts of Curfew speak to.">
          <ul className={styles.figures}>
            {view.related.map(({ catalogue, id, slug }) => (
              <li key={slug}>
                <Link href={`/evidence/controls/${slug}` as Route} prefetch={false}>{`${catalogue} ${id}`}</Link>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Feature({ feature: { key, figures } }: { feature: FeatureFigures }) {
  const { name, shows, limit } = featureWords[key];
  return (
    <article className={styles.feature}>
      <h3 className={styles.featureName}>{name}</h3>
      <p className={styles.shows}>{shows}</p>
      <p className={styles.limit}>{limit}</p>
      {figures.length === 0 ? <p className={styles.none}>Its figures are of the whole installation, which is not part of your engagement.</p> : (
        <ul className={styles.figures} aria-label={`${name}: figures`}>
          {figures.map((figure) => (
            <li key={figure.label}>
              <Said figure={figure} />
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

function Said({ figure: { label, count, capped, href } }: { figure: Figure }) {
  const said = (
    <>
      <strong>{formatCapped({ count, capped })}</strong> {label}
    </>
  );
  return href ? <Link href={href as Route} prefetch={false}>{said}</Link> : said;
}
