import type { Route } from "next";
import Link from "next/link";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { type Change, type ChangeKind, changeKinds, changes as allChanges, type ChangeView, type ContradictionView, type ImportView } from "@/lib/imports/types";
import { formatCount, formatPlural } from "@/lib/platform/format";
import styles from "./imports.module.css";
import { changeWords, factWords, familyWords, fieldWords, kindWords } from "./words";

export type Numbered<Row> = { readonly rows: readonly Row[]; readonly next: number | null; readonly previous: number | null };
/** Which differences the URL asks for. */
export type Shown = { readonly change: Change | "contradictions" | null; readonly kind: ChangeKind | null };

type DifferencesProps = { file: ImportView; query: Shown; changes: Numbered<ChangeView> | null; contradictions: Numbered<ContradictionView> | null };

function hrefOf(file: ImportView, { change, kind }: Shown, place = ""): Route {
  const parts = [change ? `change=${change}` : "", kind ? `kind=${kind}` : "", place].filter((part) => part !== "");
  return `/systems/imports/${file.id}${parts.length > 0 ? `?${parts.join("&")}` : ""}` as Route;
}

/** What the file changes, page by page, with what was before and comes after. */
export function Differences({ file, query, changes, contradictions }: DifferencesProps) {
  const page = changes ?? contradictions;
  const isDone = file.state === "applied";
  return (
    <Section title={isDone ? "What it changed" : "What it would change"} note={file.digest ? <>Sealed with the digest <code>{file.digest.slice(0, 16)}…</code>; the ledger holds it whole.</> : null}>
      <ChangeTabs file={file} query={query} />
      <Kinds file={file} query={query} />
      {changes ? (
        <ListRows label="Differences">
          {changes.rows.map((row) => (
            <ChangeRow key={row.seq} row={row} />
          ))}
        </ListRows>
      ) : null}
      {contradictions ? (
        <ListRows label="Contradictions">
          {contradictions.rows.map((row) => (
            <ContradictionRow key={row.seq} row={row} />
          ))}
        </ListRows>
      ) : null}
      {page && page.rows.length === 0 ? <p className={styles.none}>None of this kind.</p> : null}
      {page && (page.next !== null || page.previous !== null) ? (
        <nav className={styles.pages} aria-label="Pages of differences">
          {page.previous === null ? null : <Link prefetch={false} scroll={false} href={hrefOf(file, query, `before=${page.previous}`)}>Previous</Link>}
          {page.next === null ? null : <Link prefetch={false} scroll={false} href={hrefOf(file, query, `after=${page.next}`)}>Next</Link>}
        </nav>
      ) : null}
    </Section>
  );
}

function countOf(file: ImportView, change: Change | null, kind: ChangeKind | null): number {
  const kinds: readonly ChangeKind[] = kind ? [kind] : changeKinds;
  const counted: readonly Change[] = change ? [change] : allChanges;
  const found = file.counts?.changes ?? {};
  return kinds.flatMap((one) => counted.map((other) => found[one]?.[other] ?? 0)).reduce((sum, count) => sum + count, 0);
}

function ChangeTabs({ file, query }: { file: ImportView; query: Shown }) {
  const tabs: { key: Shown["change"]; word: string; count: number }[] = [
    { key: null, word: "All", count: countOf(file, null, null) },
    ...allChanges.map((change) => ({ key: change, word: changeWords[change], count: countOf(file, change, null) })),
    { key: "contradictions" as const, word: "Contradictions", count: file.counts?.contradictions ?? 0 },
  ];
  return (
    <nav className={styles.tabs} aria-label="Kind of difference">
      {tabs.filter(({ key, count }) => key === null || count > 0 || key === query.change).map(({ key, word, count }) => (
        <Link key={word} prefetch={false} scroll={false} href={hrefOf(file, { change: key, kind: null })} aria-current={key === query.change ? "page" : undefined} className={styles.tab}>
          {word} <span className={styles.count}>{formatCount(count)}</span>
        </Link>
      ))}
    </nav>
  );
}

function Kinds({ file, query }: { file: ImportView; query: Shown }) {
  if (query.change === "contradictions") return null;
  const change = query.change;
  const present = changeKinds.filter((kind) => countOf(file, change, kind) > 0);
  if (present.length < 2) return null;
  return (
    <nav className={styles.kinds} aria-label="Of what">
      <Link prefetch={false} scroll={false} href={hrefOf(file, { change, kind: null })} aria-current={query.kind === null ? "page" : undefined}>everything</Link>
      {present.map((kind) => (
        <Link key={kind} prefetch={false} scroll={false} href={hrefOf(file, { change, kind })} aria-current={query.kind === kind ? "page" : undefined}>
          {formatPlural(countOf(file, change, kind), kindWords[kind][0], kindWords[kind][1])}
        </Link>
      ))}
    </nav>
  );
}

const told = ["handle", "name"];

function ChangeRow({ row }: { row: ChangeView }) {
  const fields = row.fields.filter(({ field, after }) => row.change === "changed" || (!told.includes(field) && factWords(after) !== "nothing"));
  return (
    <ListRow
      head={
        <>
          <span className={styles.mark} data-change={row.change}>{changeWords[row.change].toLowerCase()}</span>
          <span>{kindWords[row.kind][0]}</span>
          <strong>{row.kind === "assignment" ? `${row.of ?? ""} → ${row.name}` : row.name}</strong>
          {row.kind === "credential" && row.of ? <span>of {row.of}</span> : null}
        </>
      }
      end={row.line === null ? null : <span className={styles.line}>line {formatCount(row.line)}</span>}
      facts={
        fields.length === 0 ? null : (
          <>
            {fields.map(({ field, before, after }) => (
              <span key={field}>
                {fieldWords(field)}{" "}
                {row.change === "changed" ? (
                  <>
                    <del>{factWords(before)}</del> → <ins>{factWords(after)}</ins>
                  </>
                ) : (
                  factWords(after)
                )}
              </span>
            ))}
          </>
        )
      }
    />
  );
}

function ContradictionRow({ row }: { row: ContradictionView }) {
  return (
    <ListRow
      head={
        <>
          <span>{kindWords[row.kind][0]}</span>
          <strong>{row.name}</strong>
          <span>{fieldWords(row.field)}</span>
        </>
      }
      facts={
        <>
          <span>this file: {factWords(row.here)}</span>
          <span>
            {familyWords(row.family)} of <RelativeTime at={row.asOf} what="speaks of" />: {factWords(row.there)}
          </span>
          <span>{row.wins ? "this file is newer and counts" : "the other file is newer and counts"}</span>
        </>
      }
    />
  );
}
