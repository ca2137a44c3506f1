import Link from "next/link";
import type { Route } from "next";
import type { PartPage } from "@/lib/identities/views/detail-types";
import styles from "./identities.module.css";

type PartPagesProps = {
  identityId: string;
  /** The part's name in the address, for its page as for its heading. */
  part: "holds" | "credentials" | "grants" | "history";
  label: string;
  page: Pick<PartPage<unknown>, "next" | "isFirst">;
  /** What the way on is called: "The next 50". */
  more: string;
};

/** Ways through a long part of an identity's page, as real links; nothing where all of it is shown. */
export function PartPages({ identityId, part, label, page: { next, isFirst }, more }: PartPagesProps) {
  if (isFirst && !next) return null;
  const address = `/identities/${identityId}`;
  return (
    <nav className={styles.pages} aria-label={label}>
      {isFirst ? null : <Link prefetch={false} href={`${address}#${part}` as Route}>From the start</Link>}
      {next ? <Link prefetch={false} href={`${address}?${part}=${next}#${part}` as Route}>{more}</Link> : null}
    </nav>
  );
}
