import { IconAlertTriangle } from "@tabler/icons-react";
import Link from "next/link";
import type { Route } from "next";
import card from "@/components/queue/card.module.css";
import { Button } from "@/components/ui/form/button";
import { Duration } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatSeconds } from "@/lib/platform/format";
import type { RequestView } from "@/lib/requests/views/types";
import type { RightSize } from "../durations";
import { sayTimes } from "../words";
import styles from "./card.module.css";
import { Column, type Level } from "./column";

type IsNormalProps = {
  request: RequestView;
  level: Level;
  /** A shorter duration to offer, and what taking it does; without it there is nothing to decide here. */
  suggestion?: { readonly size: RightSize; readonly isTaken: boolean; readonly take: () => void } | undefined;
};

/** Is this normal? How often before, asked against used, another way in. */
export function IsNormal({ request, level, suggestion }: IsNormalProps) {
  const { history } = request;
  const title = request.state === "pending" ? "Is this normal?" : "Before this one";
  return (
    <Column title={title} level={level}>
      <p className={styles.lead} data-first={history.times === 0 || undefined}>
        {sayTimes(history)}
      </p>
      {history.last.length > 0 ? <Earlier last={history.last} /> : (
        <p className={card.quiet}>
          {request.identity.name} has not had this through a grant before.
        </p>
      )}
      {suggestion ? (
        <p className={styles.suggest}>
          <Button size="small" aria-pressed={suggestion.isTaken} onClick={suggestion.take}>
            {suggestion.isTaken ? "Giving" : "Give"} {formatSeconds(suggestion.size.seconds)} instead of {formatSeconds(request.durationSeconds)}
          </Button>
          <span className={card.quiet}>{suggestion.size.why}</span>
        </p>
      ) : null}
      <SideDoor request={request} />
    </Column>
  );
}

function Earlier({ last }: { last: RequestView["history"]["last"] }) {
  return (
    <table className={styles.earlier}>
      <caption className="visually-hidden">The last {last.length} times</caption>
      <thead>
        <tr>
          <th scope="col">when</th>
          <th scope="col">asked</th>
          <th scope="col">used</th>
        </tr>
      </thead>
      <tbody>
        {last.map((grant) => (
          <tr key={`${grant.requestId}.${grant.activatedAt}`}>
            <th scope="row">
              <Link href={`/requests/${grant.requestId}` as Route} prefetch={false}>
                <RelativeTime at={grant.activatedAt} what={`request ${grant.number}, activated`} />
              </Link>
            </th>
            <td>
              <Duration seconds={grant.askedSeconds} />
            </td>
            <td>{grant.usedSeconds === null ? <span className={card.quiet}>not seen</span> : <Duration seconds={grant.usedSeconds} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SideDoor({ request: { standing, identity } }: { request: RequestView }) {
  if (standing === undefined || standing.length === 0) return null;
  return (
    <div className={styles.sideDoor} role="note">
      <IconAlertTriangle size={16} aria-hidden />
      <p>
        <strong>Other way in.</strong> {identity.name} has {standing.map(({ entitlement }) => entitlement).join(", ")} standing already
        {standing[0] && standing[0].path.length > 1 ? (
          <>
            , by <code>{standing[0].path.join(" → ")}</code>
          </>
        ) : null}
        . Denying this takes nothing away, and its end will not either.
      </p>
    </div>
  );
}
