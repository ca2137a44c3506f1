import styles from "./marks.module.css";

/** One summand of a score: 40 for "unused 210 days". */
export type ScorePart = { readonly points: number; readonly why: string };

/** A score with its arithmetic: `72 = 40 unused 210 days + 20 no expiry + 12 write on prod`. */
export function Score({ parts }: { parts: readonly ScorePart[] }) {
  const total = parts.reduce((sum, part) => sum + part.points, 0);
  return (
    <span className={styles.score}>
      <strong className={styles.total}>{total}</strong>
      {parts.map((part, index) => (
        <span key={part.why}>
          {index === 0 ? " = " : " + "}
          <span className={styles.points}>{part.points}</span> {part.why}
        </span>
      ))}
    </span>
  );
}
