import styles from "./mark.module.css";

/** The ring that is open at the top right, like a clock about to close. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden className={styles.mark}>
      <path
        d="M20.69 9.67 A9 9 0 1 1 14.33 3.31"
        stroke="currentColor"
        strokeWidth="3.25"
        strokeLinecap="round"
      />
    </svg>
  );
}

/** Mark and name. */
export function Brand() {
  return (
    <span className={styles.brand}>
      <Mark />
      <span className={styles.name}>curfew</span>
    </span>
  );
}
