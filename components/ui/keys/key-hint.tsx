import styles from "./key-hint.module.css";

/** The key that does the same as the button it stands in; for the eye only, where there is a keyboard. */
export function KeyHint({ children }: { children: string }) {
  return (
    <kbd aria-hidden className={styles.key}>
      {children}
    </kbd>
  );
}
