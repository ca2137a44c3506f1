import { ButtonLink } from "@/components/ui/form/button";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Nobody, PersonName } from "@/components/ui/names/person-name";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { PersonRow } from "@/lib/people/types";
import { formatList, formatPlural } from "@/lib/platform/format";
import { SetLeft } from "./set-left";

type PeopleListProps = { rows: readonly PersonRow[]; next: string | null; you: string; maySetLeft: boolean };

/** Everybody that Curfew knows, by name. */
export function PeopleList({ rows, next, you, maySetLeft }: PeopleListProps) {
  if (rows.length === 0) return <EmptyState title="Nobody else" why="A person appears here with their first sign-in." />;
  return (
    <>
      <ListRows label="People">
        {rows.map((person) => (
          <Row key={person.id} person={person} isYou={person.id === you} maySetLeft={maySetLeft} />
        ))}
      </ListRows>
      {next ? <ButtonLink href={`/people?after=${encodeURIComponent(next)}`}>Next page</ButtonLink> : null}
    </>
  );
}

function Row({ person, isYou, maySetLeft }: { person: PersonRow; isYou: boolean; maySetLeft: boolean }) {
  const { leftAt, roles, email, signIns } = person;
  return (
    <ListRow
      head={
        <>
          <PersonName person={{ ...person, hasLeft: leftAt !== null }} avatar isYou={isYou} />
          <span>{roles.length > 0 ? formatList(roles) : <Nobody>no role: sees nothing</Nobody>}</span>
        </>
      }
      end={leftAt === null && maySetLeft && !isYou ? <SetLeft personId={person.id} name={person.name} /> : null}
      facts={
        <>
          {email ? <span>{email}</span> : null}
          {leftAt ? (
            <span>
              left <RelativeTime at={leftAt} />
            </span>
          ) : (
            <span>{signIns > 0 ? `signed in on ${formatPlural(signIns, "browser")}` : "not signed in now"}</span>
          )}
        </>
      }
    />
  );
}
