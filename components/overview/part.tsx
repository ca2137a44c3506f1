import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Section } from "@/components/ui/page/section";
import { type CappedCount, formatCapped } from "@/lib/platform/format";
import styles from "./overview.module.css";

type PartProps = {
  title: string;
  total: CappedCount;
  note?: string;
  /** Where the rest is, and what that place is called. */
  href: Route;
  hrefText: string;
  children: ReactNode;
};

/** One part of the overview: its first rows, how many there are, and where the rest is. */
export function Part({ title, total, note, href, hrefText, children }: PartProps) {
  return (
    <Section
      title={
        <>
          {title} <span className={styles.total}>{formatCapped(total)}</span>
        </>
      }
      note={note}
      action={
        <Link href={href} prefetch={false} className={styles.all}>
          {hrefText}
        </Link>
      }
    >
      <ul className={styles.rows}>{children}</ul>
    </Section>
  );
}

type RowProps = {
  href: Route;
  /** Who or what. */
  name: ReactNode;
  /** The rest of the sentence. */
  text: ReactNode;
  /** At the end of the line: a time, a countdown, a state. */
  end: ReactNode;
  /** A second, quiet line. */
  note?: ReactNode;
  isTrouble?: boolean;
};

/** One line of a part; the whole of it is a link. */
export function PartRow({ href, name, text, end, note, isTrouble = false }: RowProps) {
  return (
    <li className={styles.row} data-trouble={isTrouble || undefined}>
      <div className={styles.line}>
        <Link href={href} prefetch={false} className={styles.link}>
          {name}
        </Link>
        <span className={styles.text}>{text}</span>
        <span className={styles.end}>{end}</span>
      </div>
      {note ? <div className={styles.note}>{note}</div> : null}
    </li>
  );
}
