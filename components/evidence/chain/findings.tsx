import type { Route } from "next";
import Link from "next/link";
import { Fragment } from "react";
import { findingWords } from "@/lib/findings/words";
import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import type { FindingView } from "@/lib/evidence/views/chain-types";
import styles from "./chain.module.css";

function nextOf(kind: string): string | null {
  return Object.entries(findingWords).find(([known]) => known === kind)?.[1].next ?? null;
}

/** What the detectors found, what to do about it, and which controls it speaks to. */
export function Findings({ findings, maySeeControls }: { findings: readonly FindingView[]; maySeeControls: boolean }) {
  if (findings.length === 0) return null;
  return (
    <Section title="Findings">
      <ul className={styles.findings}>
        {findings.map(({ id, kind, title, controls, openedAt, closedAt, seen }) => (
          <li key={id} data-closed={closedAt !== null || undefined}>
            <strong>{title}</strong>
            {closedAt === null && !seen && nextOf(kind) ? <span>{nextOf(kind)}</span> : null}
            {seen ? (
              <span>
                Seen {seen.by === null ? "" : `by ${seen.by} `}at <ExactTime at={seen.at} />
                {seen.reason === null ? "; it stays a gap." : `: ${seen.reason}`}
              </span>
            ) : null}
            <span className={styles.quiet}>
              {closedAt === null ? "Open since " : "Opened "}<ExactTime at={openedAt} />
              {closedAt === null ? "" : <>, closed <ExactTime at={closedAt} /></>} · evidence for{" "}
              {controls.map((control, index) => (
                <Fragment key={control.id}>
                  {index > 0 ? ", " : ""}
                  {control.slug && maySeeControls ? <Link prefetch={false} href={`/evidence/controls/${control.slug}` as Route}>{control.id}</Link> : control.id}
                </Fragment>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
