import type { Route } from "next";
import Link from "next/link";
import { Act } from "@/components/ui/form/act";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Nobody } from "@/components/ui/names/person-name";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { ClockTime, RelativeTime } from "@/components/ui/time/relative-time";
import { endOnCallAction } from "@/lib/people/actions";
import type { TeamView } from "@/lib/people/types";
import { formatList, formatPlural } from "@/lib/platform/format";
import { personRefusals } from "./words";

/** Every team, who leads it and who is on call for it. */
export function TeamList({ teams, mayManage }: { teams: readonly TeamView[]; mayManage: boolean }) {
  if (teams.length === 0) {
    return <EmptyState title="No teams yet" why="A directory sends them as groups, or they come with the first setup." />;
  }
  return (
    <ListRows label="Teams">
      {teams.map((team) => (
        <ListRow
          key={team.id}
          head={
            <Link prefetch={false} href={`/people?team=${team.id}` as Route}>
              {team.name}
            </Link>
          }
          facts={
            <>
              <span>{formatPlural(team.members, "member")}</span>
              <span>{team.leads.length > 0 ? `led by ${formatList([...team.leads])}` : "no lead"}</span>
              {team.isFilledByDirectory ? <span>filled by the directory</span> : null}
            </>
          }
        >
          {team.onCall.length === 0 ? (
            <Nobody>nobody is on call</Nobody>
          ) : (
            <ul>
              {team.onCall.map(({ id, person, from, until, isNow }) => (
                <li key={id}>
                  {mayManage ? (
                    <Link prefetch={false} href={`/people/${person.id}` as Route}>
                      {person.name}
                    </Link>
                  ) : (
                    person.name
                  )}{" "}
                  {isNow ? (
                    <>
                      is on call, until <ClockTime at={until} what="until" />
                    </>
                  ) : (
                    <>
                      is on call <RelativeTime at={from} what="from" />
                    </>
                  )}{" "}
                  {mayManage ? (
                    <Act action={endOnCallAction} fields={{ onCallId: id }} pendingText="Ending…" label={`End the time on call of ${person.name} for ${team.name}`} refusals={personRefusals}>
                      End
                    </Act>
                  ) : null}
                </li>
              ))}
            </ul>
          )}
        </ListRow>
      ))}
    </ListRows>
  );
}
