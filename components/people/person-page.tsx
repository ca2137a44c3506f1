import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Act } from "@/components/ui/form/act";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Nobody } from "@/components/ui/names/person-name";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Columns, Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { takeRoleAction } from "@/lib/people/actions";
import type { Named, PersonView } from "@/lib/people/types";
import { formatList, formatPlural } from "@/lib/platform/format";
import { Away } from "./away";
import { Delegation } from "./delegation";
import { PersonTeams } from "./person-teams";
import { GiveRole } from "./give-role";
import { personRefusals } from "./words";

type PersonPageProps = {
  person: PersonView;
  mayManage: boolean;
  maySetAway: boolean;
  teams: readonly Named[];
  colleagues: readonly Named[];
  delegates: readonly Named[] | null;
  passkeys: ReactNode;
};

/** What one person may do and decide, where they belong, and when they are there. */
export function PersonPage({ person, mayManage, maySetAway, teams, colleagues, delegates, passkeys }: PersonPageProps) {
  const isHere = person.leftAt === null;
  return (
    <Columns
      aside={
        <>
          <PersonTeams person={person} mayManage={mayManage && isHere} teams={teams} />
          {passkeys}
          {isHere ? <Away person={person} maySet={maySetAway} colleagues={colleagues} /> : null}
          {isHere ? <Delegation person={person} delegates={delegates} /> : null}
        </>
      }
    >
      <Roles person={person} mayManage={mayManage && isHere} />
      <Decides person={person} />
      <AnswersFor person={person} />
    </Columns>
  );
}

function Roles({ person, mayManage }: { person: PersonView; mayManage: boolean }) {
  const { id, name, roles } = person;
  return (
    <Section title="Roles" note={mayManage ? "Making an administrator or auditor waits for a second administrator, once there are two." : undefined}>
      {roles.length === 0 ? (
        <Nobody>no role: sees nothing</Nobody>
      ) : (
        <ListRows label="Roles">
          {roles.map(({ role, since }) => (
            <ListRow
              key={role}
              head={<span>{role}</span>}
              end={
                mayManage ? (
                  <Act
                    action={takeRoleAction}
                    fields={{ personId: id, role }}
                    pendingText="Taking…"
                    label={`Take the role ${role} from ${name}`}
                    refusals={personRefusals}
                    confirm={{ title: `Take the role ${role} from ${name}`, text: <p>It works at once. Waiting votes of {name} that need this role do not count any more.</p> }}
                  >
                    Take
                  </Act>
                ) : null
              }
              facts={
                <span>
                  since <RelativeTime at={since} what="since" />
                </span>
              }
            />
          ))}
        </ListRows>
      )}
      {mayManage ? <GiveRole personId={id} held={roles.map(({ role }) => role)} /> : null}
    </Section>
  );
}

const more = (shown: number, total: number) => (total > shown ? <p>{`and ${total - shown} more`}</p> : null);

function Decides({ person }: { person: PersonView }) {
  const { rows, total } = person.resources;
  const decides = person.roles.some(({ role }) => role === "approver" || role === "owner");
  return (
    <Section
      title="Asked to decide"
      note={decides ? "Requests for these come to this person, unless they are on the asking side." : "Without the role approver or owner, nothing is asked."}
    >
      {rows.length === 0 ? (
        <EmptyState small title="Owns no entitlement" why="Neither this person nor a team of theirs is the resource owner of anything." />
      ) : (
        <ListRows label="Asked to decide">
          {rows.map(({ id, name, systemId, system, team }) => (
            <ListRow key={id} head={<span>{name}</span>} facts={<><span>on {system}</span><span>{team ? `as one of team ${team}` : "as its owner"}</span></>} end={<Link prefetch={false} href={`/systems/${systemId}` as Route}>Catalogue</Link>} />
          ))}
        </ListRows>
      )}
      {more(rows.length, total)}
    </Section>
  );
}

function AnswersFor({ person }: { person: PersonView }) {
  const { rows, total } = person.identities;
  return (
    <Section title="Answers for" note={total > 0 ? `${formatPlural(total, "identity", "identities")}.` : undefined}>
      {rows.length === 0 ? (
        <EmptyState small title="Answers for no identity" why="Neither owner nor sponsor nor backup of one." />
      ) : (
        <ListRows label="Answers for">
          {rows.map(({ id, name, as }) => (
            <ListRow key={id} head={<Link prefetch={false} href={`/identities/${id}` as Route}>{name}</Link>} end={<span>{formatList([...as])}</span>} />
          ))}
        </ListRows>
      )}
      {more(rows.length, total)}
    </Section>
  );
}
