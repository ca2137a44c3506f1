import type { Route } from "next";
import Link from "next/link";
import type { RequestScope } from "@/lib/requests/views/types";
import styles from "./requests.module.css";

const words = {
  mine: "Asked by me",
  "concerning-me": "Concerning me",
  all: "All",
} satisfies Record<RequestScope, string>;

/** Whose requests the list shows. */
export function ScopeTabs({ scopes, scope }: { scopes: readonly RequestScope[]; scope: RequestScope }) {
  if (scopes.length < 2) return null;
  return (
    <nav className={styles.tabs} aria-label="Whose requests">
      {scopes.map((other) => (
        <Link key={other} href={`/requests?of=${other}` as Route} prefetch={false} aria-current={other === scope ? "page" : undefined} className={styles.tab}>
          {words[other]}
        </Link>
      ))}
    </nav>
  );
}
