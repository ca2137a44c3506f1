import styles from "./marks.module.css";

type Sensitivity = "low" | "medium" | "high" | "critical";

const heights = { low: 1, medium: 2, high: 3, critical: 4 } satisfies Record<Sensitivity, number>;

/** How much harm an entitlement could do: four bars and the word, red from high on. */
export function SensitivityMark({ level }: { level: Sensitivity }) {
  return (
    <span className={styles.sensitivity} data-level={level} title={`Sensitivity: ${level}`}>
      <svg width="14" height="12" viewBox="0 0 14 12" aria-hidden>
        {[1, 2, 3, 4].map((bar) => (
          <rect
            key={bar}
            x={(bar - 1) * 3.75}
            y={12 - bar * 3}
            width="2.75"
            height={bar * 3}
            rx="0.75"
            className={bar <= heights[level] ? styles.barOn : styles.barOff}
          />
        ))}
      </svg>
      {level}
    </span>
  );
}
