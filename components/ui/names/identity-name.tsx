import Link from "next/link";
import type { IdentityKind } from "@/lib/identities/types";
import { KindIcon, kindWords } from "./kind-icon";
import styles from "./names.module.css";

type IdentityNameProps = {
  id: string;
  name: string;
  kind: IdentityKind;
  /** Plain text where a link would lead nowhere new. */
  linked?: boolean;
};

/** The name of an identity with the sign of its kind; kind and id on hover, never a bare id. */
export function IdentityName({ id, name, kind, linked = true }: IdentityNameProps) {
  const title = `${kindWords[kind]} · ${id}`;
  return (
    <span className={styles.name} title={title}>
      <span className={styles.icon}>
        <KindIcon kind={kind} />
      </span>
      {linked ? (
        <Link href={`/identities/${id}`} prefetch={false} className={styles.link}>
          {name}
        </Link>
      ) : (
        <span className={styles.text}>{name}</span>
      )}
    </span>
  );
}
