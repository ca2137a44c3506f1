import Link from "next/link";
import type { Route } from "next";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { AssignmentView, CredentialView } from "@/lib/identities/types";
import styles from "./identities.module.css";
import { LastUse } from "./last-use";

/** What an identity signs in with, as metadata: never the secret. */
export function Credentials({ credentials }: { credentials: readonly CredentialView[] }) {
  return (
    <Section title="Credentials" note="What it signs in with, as the target knows it. Curfew never has the secret.">
      {credentials.length === 0 ? (
        <EmptyState small title="None found" why="No connected system knows a credential of this identity." />
      ) : (
        <ListRows>
          {credentials.map((credential) => (
            <CredentialRow key={credential.id} credential={credential} />
          ))}
        </ListRows>
      )}
    </Section>
  );
}

function CredentialRow({ credential }: { credential: CredentialView }) {
  const { vanishedAt, expiresAt } = credential;
  return (
    <ListRow
      head={
        <>
          <code className={vanishedAt ? styles.gone : undefined}>{credential.handle}</code>
          <span>
            {credential.kind} on {credential.system.name}
          </span>
          {credential.isSuperuser ? <StateBadge tone="stuck">superuser</StateBadge> : null}
          {credential.canCreateRoles ? <StateBadge tone="caution">can create roles</StateBadge> : null}
        </>
      }
      facts={
        <>
          <span>
            last use <LastUse at={credential.lastUsedAt} visibleSince={credential.visibleSince} />
          </span>
          <span>{expiresAt ? <>expires <RelativeTime at={expiresAt} what="expires" /></> : "no expiry"}</span>
          {vanishedAt ? (
            <span>
              gone since <RelativeTime at={vanishedAt} what="not found since" />
            </span>
          ) : null}
        </>
      }
    />
  );
}

/** What an identity holds: standing (found by discovery) and granted (through a grant). */
export function Assignments({ assignments }: { assignments: readonly AssignmentView[] | null }) {
  if (assignments === null) {
    return (
      <Section title="What it holds">
        <EmptyState
          small
          title="Not shown to you"
          why="What an identity can reach is open to those who answer for it, to auditors and to administrators."
        />
      </Section>
    );
  }
  return (
    <Section title="What it holds" note="Standing is there all the time; granted ends by itself.">
      {assignments.length === 0 ? (
        <EmptyState small title="Nothing that Curfew knows" why="It holds no entitlement on a connected system right now." />
      ) : (
        <ListRows>
          {assignments.map((assignment) => (
            <AssignmentRow key={assignment.id} assignment={assignment} />
          ))}
        </ListRows>
      )}
    </Section>
  );
}

function AssignmentRow({ assignment }: { assignment: AssignmentView }) {
  const { path, requestId } = assignment;
  return (
    <ListRow
      head={
        <>
          <strong>{assignment.entitlement}</strong>
          <span>on {assignment.system.name}</span>
          {assignment.kind === "standing" ? (
            <span className={styles.standing} title="Found by discovery; nobody granted it through Curfew">
              standing
            </span>
          ) : (
            <StateWord tone="live">granted</StateWord>
          )}
        </>
      }
      end={<SensitivityMark level={assignment.sensitivity} />}
      facts={
        <>
          <span>{assignment.description}</span>
          {path.length > 1 ? (
            <span>
              by way of <code>{path.join(" → ")}</code>
            </span>
          ) : null}
          {requestId ? (
            <Link prefetch={false} href={`/requests/${requestId}` as Route}>
              its request
            </Link>
          ) : null}
        </>
      }
    />
  );
}
