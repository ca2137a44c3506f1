import type { Route } from "next";
import Link from "next/link";
import { formatCapped } from "@/lib/platform/format";
import type { AnsweredQuestion } from "@/lib/questions/types";
import styles from "./questions.module.css";

/** Questions with how many rows answer each; a click shows them. */
export function ShippedQuestions({ questions, label }: { questions: readonly AnsweredQuestion[]; label: string }) {
  return (
    <ul className={styles.list} aria-label={label}>
      {questions.map((question) => (
        <li key={question.key} className={styles.row}>
          <Link href={question.href as Route} prefetch={false} className={styles.asks}>
            {question.asks}
          </Link>
          <span className={styles.means}>A row is {question.rowMeans}.</span>
          <Answer question={question} />
        </li>
      ))}
    </ul>
  );
}

function Answer({ question: { rows, isTest } }: { question: AnsweredQuestion }) {
  if (rows.count === 0) return <span className={styles.none}>no row</span>;
  return (
    <span className={styles.rows} data-trouble={isTest || undefined}>
      {formatCapped(rows)} {rows.count === 1 && !rows.capped ? "row" : "rows"}
    </span>
  );
}
