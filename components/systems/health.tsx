import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import { reasonWords } from "./words";

type HealthProps = { isFromFiles: boolean; checkedAt: string | null; unreachableSince: string | null; unreachableReason: string | null };

/** Whether a system answers: a badge only when it does not. */
export function Health({ isFromFiles, checkedAt, unreachableSince, unreachableReason }: HealthProps) {
  if (isFromFiles) return <span>known from files</span>;
  if (unreachableSince) {
    return (
      <StateBadge tone="stuck" title={reasonWords(unreachableReason)}>
        <span>
          unreachable for <Age at={unreachableSince} />
        </span>
      </StateBadge>
    );
  }
  if (!checkedAt) return <span>not checked yet</span>;
  return (
    <span>
      answers, checked <RelativeTime at={checkedAt} what="checked" />
    </span>
  );
}

function Age({ at }: { at: string }) {
  return <RelativeTime at={at} what="unreachable since" bare />;
}
