import type { ReactNode } from "react";
import styles from "./page.module.css";

/** One fact: what it is called and what it is. */
export type Fact = { readonly key: string; readonly label: ReactNode; readonly value: ReactNode };

/** Facts as a list of label and value, side by side. */
export function KeyValue({ facts, columns = 1 }: { facts: readonly Fact[]; columns?: 1 | 2 | 3 }) {
  return (
    <dl className={styles.facts} data-columns={columns}>
      {facts.map((fact) => (
        <div key={fact.key} className={styles.fact}>
          <dt className={styles.factLabel}>{fact.label}</dt>
          <dd className={styles.factValue}>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
