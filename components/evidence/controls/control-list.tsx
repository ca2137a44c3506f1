import type { Route } from "next";
import Link from "next/link";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Section } from "@/components/ui/page/section";
import { featureWords } from "@/lib/controls/rules";
import type { CatalogueView, ControlRow } from "@/lib/controls/types";
import { formatCount, formatList, formatPlural } from "@/lib/platform/format";
import styles from "./controls.module.css";

/** Catalogues of controls, each a short list. */
export function ControlList({ catalogues, q }: { catalogues: readonly CatalogueView[]; q: string }) {
  if (catalogues.length === 0) return <EmptyState title={`No control is called “${q}”`} why="Ids of current and older editions are known, such as NHI7:2025, AC-2(3), PR.AC-4 or 8.6.1, and words of what they are about." />;
  return catalogues.map((catalogue) => (
    <Section key={catalogue.key} title={catalogue.name} note={`${catalogue.edition} · ${catalogue.source}`}>
      <ul className={styles.list} aria-label={catalogue.name}>
        {catalogue.controls.map((control) => (
          <Row key={control.id} control={control} />
        ))}
      </ul>
    </Section>
  ));
}

function Row({ control: { id, slug, label, features, openFindings } }: { control: ControlRow }) {
  return (
    <li className={styles.row}>
      <Link href={`/evidence/controls/${slug}` as Route} prefetch={false} className={styles.id}>
        {id}
      </Link>
      <span className={styles.label}>{label}</span>
      <span className={styles.shown}>{formatList(features.map((key) => featureWords[key].name))}</span>
      <span className={styles.open} data-open={openFindings > 0 || undefined}>
        {openFindings > 0 ? formatPlural(openFindings, "open finding") : <span className={styles.none}>{formatCount(0)} open</span>}
      </span>
    </li>
  );
}
