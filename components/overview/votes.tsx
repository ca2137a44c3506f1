import type { Route } from "next";
import { IdentityName } from "@/components/ui/names/identity-name";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { Some, VoteView } from "@/lib/overview/types";
import { formatList, formatSeconds } from "@/lib/platform/format";
import { Part, PartRow } from "./part";

/** Requests that wait for this person's vote. */
export function Votes({ part }: { part: Some<VoteView> }) {
  return (
    <Part title="Waiting for your vote" total={part.total} href={"/approvals" as Route} hrefText="All approvals">
      {part.rows.map((vote) => (
        <PartRow
          key={vote.requestId}
          href={`/requests/${vote.requestId}` as Route}
          name={<IdentityName {...vote.identity} linked={false} />}
          text={
            <>
              wants <em>{formatList([...vote.entitlements])}</em> for {formatSeconds(vote.durationSeconds)}
            </>
          }
          note={`request ${vote.number}, asked by ${vote.requester}`}
          end={
            <>
              waiting <RelativeTime at={vote.submittedAt} what="asked" bare />
            </>
          }
        />
      ))}
    </Part>
  );
}
