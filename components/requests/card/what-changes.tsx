import { IconPlus } from "@tabler/icons-react";
import { PrivilegeList } from "@/components/entitlements/privilege-list";
import type { EntitlementView, RequestView } from "@/lib/requests/views/types";
import { sayEnding, sumOfPrivileges } from "../words";
import styles from "./card.module.css";

/** What becomes possible on the target, and how it can be taken away again. */
export function WhatChanges({ request }: { request: RequestView }) {
  return (
    <section className={styles.column} aria-label="What changes">
      <h3 className={styles.columnTitle}>What changes</h3>
      {request.entitlements.map((entitlement) => (
        <Allows key={entitlement.id} entitlement={entitlement} already={request.standing?.some((other) => other.entitlement === entitlement.name) ?? false} />
      ))}
    </section>
  );
}

function Allows({ entitlement, already }: { entitlement: EntitlementView; already: boolean }) {
  const { allows } = entitlement;
  const sum = allows ? sumOfPrivileges(allows.privileges) : "";
  return (
    <div className={styles.allows}>
      <p className={styles.lead}>
        <IconPlus size={14} aria-hidden className={styles.plus} />
        {sum || entitlement.name}
      </p>
      <p className={styles.quiet}>{entitlement.description}</p>
      {already ? <p className={styles.already}>It has all of this standing already.</p> : null}
      {allows ? <PrivilegeList privileges={allows.privileges} readAt={allows.readAt} /> : <p className={styles.quiet}>Not read from the target yet.</p>}
      {allows && allows.more > 0 ? <p className={styles.quiet}>and {allows.more} more</p> : null}
      <p className={styles.quiet}>{sayEnding(entitlement)}.</p>
    </div>
  );
}
