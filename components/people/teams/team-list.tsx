import type { Route } from "next";
import Link from "next/link";
import { Act } from "@/components/ui/form/act";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Nobody } from "@/components/ui/names/person-name";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { ClockTime, RelativeTime } from "@/components/ui/time/relative-time";
import { endOnCallAction, setTeamLeadAction } from "@/lib/people/actions";
import type { Named, TeamView } from "@/lib/people/types";
import { formatPlural } from "@/lib/platform/format";
import { personRefusals } from "../words";
import { LeadForm } from "./lead-form";
import styles from "./teams.module.css";

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
              {team.leads.length > 0 ? null : <span>no lead</span>}
              {team.isFilledByDirectory ? <span>filled by the directory</span> : null}
            </>
          }
        >
          {team.leads.length > 0 ? (
            <ul className={styles.lines}>
              {team.leads.map((lead) => (
                <li key={lead.id}>
                  <Name person={lead} mayManage={mayManage} /> leads it{" "}
                  {mayManage ? (
                    <Act action={setTeamLeadAction} fields={{ personId: lead.id, teamId: team.id, lead: "no" }} pendingText="Saving…" label={`${lead.name} no longer leads ${team.name}`} refusals={personRefusals}>
                      No lead
                    </Act>
                  ) : null}
                </li>
              ))}
            </ul>
          ) : null}
          {mayManage && team.others.length > 0 ? <LeadForm team={team} first={team.others} /> : null}
          {team.onCall.length === 0 ? (
            <Nobody>nobody is on call</Nobody>
          ) : (
            <ul className={styles.lines}>
              {team.onCall.map(({ id, person, from, until, isNow }) => (
                <li key={id}>
                  <Name person={person} mayManage={mayManage} />{" "}
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

function Name({ person: { id, name }, mayManage }: { person: Named; mayManage: boolean }) {
  if (!mayManage) return name;
  return (
    <Link prefetch={false} href={`/people/${id}` as Route}>
      {name}
    </Link>
  );
}
