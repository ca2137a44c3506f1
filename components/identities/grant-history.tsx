import Link from "next/link";
import type { Route } from "next";
import { GrantStateMark } from "@/components/grants/grant-state";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { PartPage, PastGrantView } from "@/lib/identities/views/detail-types";
import { formatPlural, formatSeconds } from "@/lib/platform/format";
import { PartPages } from "./part-pages";

type GrantHistoryProps = { identityId: string; grants: PartPage<PastGrantView>; isPartial: boolean };

/** Its grants, the newest first, each with how it ended. */
export function GrantHistory({ identityId, grants, isPartial }: GrantHistoryProps) {
  const { rows } = grants;
  return (
    <Section
      title={<span id="grants">Grants</span>}
      note={isPartial ? "Those that you asked for. Others are open to those who answer for it." : "The newest first."}
    >
      {rows.length === 0 ? (
        <EmptyState
          small
          title="None so far"
          why={isPartial ? "You have not asked for access for this identity." : "Nobody has been granted access for this identity."}
        />
      ) : (
        <ListRows>
          {rows.map((grant) => (
            <GrantRow key={grant.id} grant={grant} />
          ))}
        </ListRows>
      )}
      <PartPages identityId={identityId} part="grants" label="Pages of grants" page={grants} more="Earlier grants" />
    </Section>
  );
}

function GrantRow({ grant }: { grant: PastGrantView }) {
  const { activatedAt, createdAt, useCount } = grant;
  return (
    <ListRow
      head={
        <>
          <Link prefetch={false} href={`/requests/${grant.requestId}` as Route}>
            {grant.entitlement}
          </Link>
          <span>
            on {grant.system} for {formatSeconds(grant.durationSeconds)}
          </span>
        </>
      }
      end={<GrantStateMark state={grant.state} />}
      facts={
        <>
          <span>
            {activatedAt ? "activated" : "approved"}{" "}
            <RelativeTime at={activatedAt ?? createdAt} what={activatedAt ? "activated" : "approved"} />
            {grant.requester ? `, asked by ${grant.requester}` : ""}
          </span>
          {activatedAt ? <span>{useCount > 0 ? `${formatPlural(useCount, "use")} seen` : "no use seen"}</span> : null}
          {grant.endReason ? <span>ended: {grant.endReason.replaceAll("-", " ")}</span> : null}
          <span>request {grant.requestNumber}</span>
        </>
      }
    />
  );
}
