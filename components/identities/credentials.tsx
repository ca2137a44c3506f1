import { EmptyState } from "@/components/ui/feedback/empty-state";
import { PlainTable } from "@/components/ui/page/plain-table";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import type { CredentialView, PartPage } from "@/lib/identities/views/detail-types";
import styles from "./identities.module.css";
import { LastUse } from "./last-use";
import { PartPages } from "./part-pages";

/** What an identity signs in with, as metadata: never the secret. */
export function Credentials({ identityId, credentials }: { identityId: string; credentials: PartPage<CredentialView> }) {
  const { rows } = credentials;
  return (
    <Section title={<span id="credentials">Credentials</span>} note="What it signs in with, as the target knows it. Curfew never has the secret.">
      {rows.length === 0 ? (
        <EmptyState small title="None found" why="No connected system and no file knows a credential of this identity." />
      ) : (
        <PlainTable label="Credentials" head={["Credential", "Made", "Rotated", "Expires", "Last use"]}>
          {rows.map((credential) => (
            <CredentialRow key={credential.id} credential={credential} />
          ))}
        </PlainTable>
      )}
      <PartPages identityId={identityId} part="credentials" label="Pages of credentials" page={credentials} more="The next 50" />
    </Section>
  );
}

function CredentialRow({ credential }: { credential: CredentialView }) {
  const { vanishedAt, expiresAt, createdAt, rotatedAt, firstSeenAt } = credential;
  return (
    <tr>
      <td className={styles.what}>
        <code className={vanishedAt ? styles.gone : undefined}>{credential.handle}</code>
        <div className={styles.small}>
          {credential.kind} on {credential.system.name}
        </div>
        <div className={styles.marks}>
          {credential.isSuperuser ? <StateBadge tone="stuck">superuser</StateBadge> : null}
          {credential.canCreateRoles ? <StateBadge tone="caution">can create roles</StateBadge> : null}
          {credential.isEnabled ? null : <span className={styles.standing}>switched off</span>}
          {vanishedAt ? (
            <span className={styles.small}>
              not found since <RelativeTime at={vanishedAt} what="not found since" />
            </span>
          ) : null}
        </div>
      </td>
      <td>
        {createdAt ? (
          <RelativeTime at={createdAt} what="made" />
        ) : (
          <span className={styles.unseen}>
            not told; known since <RelativeTime at={firstSeenAt} what="first seen" />
          </span>
        )}
      </td>
      <td>{rotatedAt ? <RelativeTime at={rotatedAt} what="rotated" /> : <span className={styles.unseen}>not told</span>}</td>
      <td>{expiresAt ? <RelativeTime at={expiresAt} what="expires" /> : "no expiry"}</td>
      <td>
        <LastUse at={credential.lastUsedAt} visibleSince={credential.visibleSince} />
      </td>
    </tr>
  );
}
