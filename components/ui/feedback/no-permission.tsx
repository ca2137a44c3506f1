import { IconLock } from "@tabler/icons-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { formatList, formatUtc } from "@/lib/platform/format";
import styles from "./feedback.module.css";

type NoPermissionProps = {
  /** What is closed, in the plural: "Connected systems". */
  what: string;
  /** Roles that may, as a loader's refusal names them. */
  heldBy: readonly string[];
  /** Some people who hold one of these roles. */
  names?: readonly string[];
  /** The engagement of an auditor that closes this door. */
  bound?: { readonly until: string; readonly fromDay: string; readonly toDay: string };
  next?: ReactNode;
};

/** A closed door that says who has the key. Takes a loader's refusal: `<NoPermission what="…" {...refusal} />`. */
export function NoPermission({ what, heldBy, names = [], bound, next }: NoPermissionProps) {
  if (bound) return <OutsideEngagement what={what} bound={bound} />;
  const roles = formatList(heldBy.map((role) => `${role}s`));
  return (
    <div className={styles.state}>
      <IconLock size={20} stroke={1.75} aria-hidden className={styles.stateIcon} />
      <h1 className={styles.stateTitle}>{what} are not open to your role</h1>
      <p className={styles.stateText}>
        They are open to {roles}
        {names.length > 0 ? `, for example ${formatList(names, "or")}` : ""}. An administrator can give you the role if
        your work needs it.
      </p>
      {next ? <div className={styles.stateNext}>{next}</div> : null}
    </div>
  );
}

function OutsideEngagement({ what, bound }: { what: string; bound: NonNullable<NoPermissionProps["bound"]> }) {
  return (
    <div className={styles.state}>
      <IconLock size={20} stroke={1.75} aria-hidden className={styles.stateIcon} />
      <h1 className={styles.stateTitle}>{what} are not part of your engagement</h1>
      <p className={styles.stateText}>
        You are here as an auditor until {formatUtc(bound.until)}, for evidence that was asked from {bound.fromDay} to {bound.toDay}. Everything else is closed to you. An administrator can change your engagement if your work needs more.
      </p>
      <div className={styles.stateNext}>
        <Link href="/evidence">Go to the evidence</Link>
      </div>
    </div>
  );
}
