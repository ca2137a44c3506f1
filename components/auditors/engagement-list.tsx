"use client";

import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Act } from "@/components/ui/form/act";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import { endEngagementAction, removeEngagementAction } from "@/lib/auditors/actions";
import type { EngagementView } from "@/lib/auditors/types";
import { formatList } from "@/lib/platform/format";
import { engagementRefusals } from "./words";

/** Engagements that were not removed, with what each shows. */
export function EngagementList({ engagements }: { engagements: readonly EngagementView[] }) {
  if (engagements.length === 0) {
    return <EmptyState small title="Nobody has an engagement" why="An engagement lets an auditor from outside see the evidence of a period and of some systems until a day, and nothing else. Auditors with the role see all of it." />;
  }
  return (
    <ListRows label="Engagements">
      {engagements.map((engagement) => (
        <Engagement key={engagement.id} engagement={engagement} />
      ))}
    </ListRows>
  );
}

function Engagement({ engagement }: { engagement: EngagementView }) {
  const { person, until, fromDay, toDay, systems, names, reason, givenBy, since } = engagement;
  return (
    <ListRow
      head={
        <>
          <strong>{person.name}</strong>
          {engagement.isOver ? <StateBadge tone="caution">over</StateBadge> : null}
        </>
      }
      end={<Change engagement={engagement} />}
      facts={
        <>
          <span>{engagement.isOver ? "ended" : "ends"} <RelativeTime at={until} what={engagement.isOver ? "ended" : "ends"} /></span>
          <span>asked from {fromDay} to {toDay}</span>
          <span>{systems.length === 0 ? "every system" : formatList(systems)}</span>
          <span>{names ? "with names" : "pseudonyms"}</span>
          <span>given by {givenBy} <RelativeTime at={since} what="given" /></span>
          <span>{reason}</span>
        </>
      }
    />
  );
}

function Change({ engagement: { id, person, isOver } }: { engagement: EngagementView }) {
  if (isOver) {
    return (
      <Act action={removeEngagementAction} fields={{ engagementId: id }} pendingText="Removing…" label={`Remove the engagement of ${person.name}`} refusals={engagementRefusals}
        confirm={{ title: `Remove the engagement of ${person.name}?`, text: "They are somebody without a role then, and can be given one. What they looked at stays on record." }}>
        Remove
      </Act>
    );
  }
  return (
    <Act action={endEngagementAction} fields={{ engagementId: id }} kind="danger" pendingText="Ending…" label={`End the engagement of ${person.name}`} refusals={engagementRefusals}
      confirm={{ title: `End the engagement of ${person.name} now?`, text: "From their next page on they see nothing. Only another engagement opens it again." }}>
      End now
    </Act>
  );
}
