import { PrivilegeList } from "@/components/entitlements/privilege-list";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Nobody, PersonName } from "@/components/ui/names/person-name";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { formatList, formatSeconds } from "@/lib/platform/format";
import type { EntitlementView } from "@/lib/systems/types";
import styles from "./systems.module.css";

type EntitlementListProps = { entitlements: readonly EntitlementView[]; hasMore: boolean };

/** What can be granted on a system, and what each entitlement really allows there. */
export function EntitlementList({ entitlements, hasMore }: EntitlementListProps) {
  return (
    <Section
      title="Entitlements"
      note={
        hasMore
          ? "The first 100. What each one allows is read from the target."
          : "What can be granted here. What each one allows is read from the target."
      }
    >
      {entitlements.length === 0 ? (
        <EmptyState small title="None found yet" why="Discovery makes one of every group role that it finds on the target." />
      ) : (
        <ListRows>
          {entitlements.map((entitlement) => (
            <EntitlementRow key={entitlement.id} entitlement={entitlement} />
          ))}
        </ListRows>
      )}
    </Section>
  );
}

function EntitlementRow({ entitlement }: { entitlement: EntitlementView }) {
  return (
    <ListRow
      head={
        <>
          <strong>{entitlement.name}</strong>
          <span>{entitlement.description}</span>
        </>
      }
      end={<SensitivityMark level={entitlement.sensitivity} />}
      facts={
        <>
          <span>
            resource of <ResourceOwner entitlement={entitlement} />
          </span>
          {entitlement.isRequestable ? (
            <span>for {formatList([...entitlement.purposes], "or")}</span>
          ) : (
            <span className={styles.never}>cannot be asked for: needs a purpose and an owner</span>
          )}
          {entitlement.maxDurationSeconds ? <span>at most {formatSeconds(entitlement.maxDurationSeconds)}</span> : null}
        </>
      }
    >
      <PrivilegeList privileges={entitlement.privileges} readAt={entitlement.privilegesReadAt} />
    </ListRow>
  );
}

function ResourceOwner({ entitlement }: { entitlement: EntitlementView }) {
  const { resourceOwner, resourceTeam } = entitlement;
  if (!resourceOwner && !resourceTeam) return <Nobody>nobody</Nobody>;
  return (
    <>
      {resourceTeam}
      {resourceOwner && resourceTeam ? ", " : ""}
      {resourceOwner ? <PersonName person={resourceOwner} /> : null}
    </>
  );
}
