import { Act } from "@/components/ui/form/act";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatList, formatPlural } from "@/lib/platform/format";
import { decideStopAction } from "@/lib/scim/actions";
import type { LeavingStopView } from "@/lib/scim/types";
import { directoryRefusals } from "./words";

/** Leavings that a directory sent and that were stopped. Nothing is shown while nothing waits. */
export function LeavingStops({ stops, mayDecide }: { stops: readonly LeavingStopView[]; mayDecide: boolean }) {
  if (stops.length === 0) return null;
  return (
    <Section title="Leavings that were stopped" note="The directory was answered and keeps what it said. Until an administrator decides, these people stay signed in and hold what they hold.">
      <ListRows label="Leavings that were stopped">
        {stops.map((stop) => (
          <StopRow key={stop.id} stop={stop} mayDecide={mayDecide} />
        ))}
      </ListRows>
    </Section>
  );
}

const would = (count: number) => formatPlural(count, "person", "people");

function StopRow({ stop, mayDecide }: { stop: LeavingStopView; mayDecide: boolean }) {
  const { why, token, stoppedAt, presentCount, leftBefore, leftNames, parkedCount, parkedNames } = stop;
  const rest = parkedCount - parkedNames.length;
  const names = formatList([...parkedNames, ...(rest > 0 ? [`${rest} more`] : [])]);
  return (
    <ListRow
      head={
        <strong>
          {why === "mass" ? `${would(parkedCount)} of ${presentCount} would leave at once` : `${names} would leave and is the last administrator`}
        </strong>
      }
      end={
        mayDecide ? (
          <>
            <Act
              action={decideStopAction}
              fields={{ stopId: stop.id, answer: "apply" }}
              pendingText="Applying…"
              label={`Let ${would(parkedCount)} leave`}
              refusals={directoryRefusals}
              confirm={{
                title: `Let ${would(parkedCount)} leave`,
                text: <p>{names}. They are signed out everywhere at once, what they asked for ends, and a hand-over starts for everything that they answer for.</p>,
                typeToConfirm: parkedCount >= 5 ? String(parkedCount) : undefined,
              }}
            >
              Let them leave
            </Act>{" "}
            <Act action={decideStopAction} fields={{ stopId: stop.id, answer: "refuse" }} pendingText="Refusing…" label={`Keep ${would(parkedCount)}`} refusals={directoryRefusals}>
              Keep them
            </Act>
          </>
        ) : null
      }
      facts={
        <>
          <span>by {token}</span>
          <span>
            stopped <RelativeTime at={stoppedAt} what="stopped" />
          </span>
          {leftBefore > 0 ? <span>{`${formatList([...leftNames])} had left before it stopped and ${leftNames.length === 1 ? "stays" : "stay"} left unless the directory brings them back`}</span> : null}
        </>
      }
    >
      {why === "mass" ? <p>{names}</p> : null}
    </ListRow>
  );
}
