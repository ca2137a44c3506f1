import type { Route } from "next";
import Link from "next/link";
import styles from "./places.module.css";

const places = [
  { href: "/evidence", label: "Chains" },
  { href: "/evidence/questions", label: "Questions" },
  { href: "/evidence/controls", label: "Controls" },
  { href: "/evidence/sources", label: "Sources" },
  { href: "/evidence/exports", label: "Exports" },
  { href: "/evidence/engagement", label: "Your engagement" },
] as const;

/** Of the whole installation. */
const whole: readonly string[] = ["/evidence/sources"];
const onlyBounded: readonly string[] = ["/evidence/engagement"];

/** The parts of the evidence, side by side. */
export function EvidencePlaces({ here, isBounded = false }: { here: (typeof places)[number]["href"]; isBounded?: boolean }) {
  const open = places.filter(({ href }) => !(isBounded ? whole : onlyBounded).includes(href));
  return (
    <nav aria-label="Parts of the evidence" className={styles.places}>
      {open.map(({ href, label }) => (
        <Link key={href} href={href as Route} prefetch={false} className={styles.place} aria-current={href === here ? "page" : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
