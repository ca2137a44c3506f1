import type { Route } from "next";
import Link from "next/link";
import { PlainTable } from "@/components/ui/page/plain-table";
import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import type { Reconciled, UnmatchedRow } from "@/lib/evidence/types";
import { formatCount, formatPlural } from "@/lib/platform/format";
import styles from "./exports.module.css";

type List = Reconciled["lists"][number];

/** What the newest export found when it compared lists both ways, with what is on one side only. */
export function ReconciledSection({ reconciled }: { reconciled: Reconciled | null }) {
  if (!reconciled) return null;
  return (
    <Section
      title="Reconciliation"
      note={
        <>
          Both ways, as the newest export found it, <ExactTime at={reconciled.at} />. What is on one side only has its explanation, or none.
        </>
      }
    >
      <PlainTable label="Lists compared both ways" head={["Lists", "On both", "First only", "Second only", "Not explained"]}>
        {reconciled.lists.map(({ id, name, left, right, matched, onlyLeft, onlyRight, unexplained }) => (
          <tr key={id}>
            <td>
              {name}: {formatCount(left.count)} {left.what}; {formatCount(right.count)} {right.what}.
            </td>
            <td data-figures>{formatCount(matched)}</td>
            <td data-figures>{formatCount(onlyLeft)}</td>
            <td data-figures>{formatCount(onlyRight)}</td>
            <td data-figures>{formatCount(unexplained)}</td>
          </tr>
        ))}
      </PlainTable>
      {reconciled.lists.map((list) => (
        <OneSided key={list.id} list={list} exportId={reconciled.exportId} />
      ))}
    </Section>
  );
}

function OneSided({ list, exportId }: { list: List; exportId: string | null }) {
  const { id, name, first, onlyLeft, onlyRight, unexplained } = list;
  const all = onlyLeft + onlyRight;
  if (all === 0) return null;
  const rest = all > first.length ? `The first ${formatCount(first.length)} of ${formatCount(all)}. ` : "";
  return (
    <details className={styles.oneSided} open={unexplained > 0}>
      <summary>{`${formatPlural(all, "row")} on one side only: ${name.charAt(0).toLowerCase()}${name.slice(1)}`}</summary>
      {first.length > 0 ? (
        <PlainTable label={`On one side only: ${name}`} head={["On", "Request", "System", "Credential", "Time", "Explanation"]}>
          {first.map((row, index) => (
            <Row key={index} row={row} />
          ))}
        </PlainTable>
      ) : null}
      <p className={styles.quiet}>
        {rest}
        {exportId === null ? (
          `A CSV export of the same scope has all of them in reconciliation/${id}.csv.`
        ) : (
          <>
            <a href={`/api/evidence/exports/${exportId}`} download>
              The export’s file
            </a>
            {` has all of them in reconciliation/${id}.csv.`}
          </>
        )}
      </p>
    </details>
  );
}

function Row({ row: { side, grantId, requestNumber, identity, system, credential, at, explanation } }: { row: UnmatchedRow }) {
  const called = requestNumber === null ? "no request of Curfew" : `${formatCount(requestNumber)}${identity === null ? "" : ` · ${identity}`}`;
  return (
    <tr>
      <td>{side === "left" ? "first only" : "second only"}</td>
      <td>{requestNumber === null || grantId === null ? called : <Link href={`/evidence?q=${grantId}` as Route} prefetch={false}>{called}</Link>}</td>
      <td>{system ?? "—"}</td>
      <td>{credential === null ? "—" : <code className={styles.credential}>{credential}</code>}</td>
      <td>{at === null ? "—" : <ExactTime at={at} />}</td>
      <td>{explanation}</td>
    </tr>
  );
}
