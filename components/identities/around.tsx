import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import type { HistoryLine, PartPage, SourceView } from "@/lib/identities/views/detail-types";
import { formatList, formatPlural } from "@/lib/platform/format";
import { PartPages } from "./part-pages";

const sourceWords: Readonly<Record<string, string>> = { network: "network", workload: "workload" };

/** Networks and workloads behind an identity: several are a shared identity, and nobody can say who did it. */
export function Sources({ sources, isShared }: { sources: readonly SourceView[]; isShared: boolean }) {
  if (sources.length === 0) return null;
  const counted = ["network", "workload"].flatMap((kind) => {
    const count = sources.filter((source) => source.kind === kind).length;
    return count > 0 ? [formatPlural(count, sourceWords[kind] ?? kind)] : [];
  });
  return (
    <Section
      title={<span id="sources">{formatList(counted)} behind one identity</span>}
      action={isShared ? <StateBadge tone="caution">shared</StateBadge> : undefined}
      note={isShared ? "Several use it, so that nobody can say which of them did something." : "Where it was seen at work from."}
    >
      <ListRows>
        {sources.map(({ kind, value, firstSeenAt, lastSeenAt }) => (
          <ListRow
            key={`${kind} ${value}`}
            head={
              <>
                <code>{value}</code>
                <span>{sourceWords[kind] ?? kind}</span>
              </>
            }
            facts={
              <>
                <span>last seen <RelativeTime at={lastSeenAt} what="last seen" /></span>
                <span>first seen <RelativeTime at={firstSeenAt} what="first seen" /></span>
              </>
            }
          />
        ))}
      </ListRows>
    </Section>
  );
}

/** What happened to an identity, from the ledger. */
export function History({ identityId, history }: { identityId: string; history: PartPage<HistoryLine> }) {
  const { rows } = history;
  return (
    <Section title={<span id="history">History</span>} note="What the ledger holds about it, the newest first. Requests and grants have their own chains.">
      {rows.length === 0 ? (
        <EmptyState small title="Nothing yet" why="No event about it has been recorded." />
      ) : (
        <ListRows>
          {rows.map(({ id, at, sentence }) => (
            <ListRow key={id} head={sentence} end={<RelativeTime at={at} what="happened" />} />
          ))}
        </ListRows>
      )}
      <PartPages identityId={identityId} part="history" label="Pages of its history" page={history} more="Earlier events" />
    </Section>
  );
}
