import type { Route } from "next";
import Link from "next/link";
import { Banner } from "@/components/ui/feedback/banner";
import { KeyValue } from "@/components/ui/page/key-value";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { PageHead } from "@/components/ui/page/page-head";
import { Columns, Section } from "@/components/ui/page/section";
import { ClockTime, RelativeTime } from "@/components/ui/time/relative-time";
import { formatCount, formatPlural } from "@/lib/platform/format";
import type { SourceFileView, SourceView } from "@/lib/uses/types";
import { SendLog } from "./send-log";
import { CloseSource, Senders } from "./senders";
import styles from "./uses.module.css";
import { formatWords, kindText, lagText, lineProblemWords, wayText } from "./words";

/** Everything about one source. */
export function SourcePage({ source, mayManage }: { source: SourceView; mayManage: boolean }) {
  const isSent = source.kind === "log" && !source.isLive;
  const maySend = mayManage && isSent && source.closedAt === null;
  return (
    <>
      <PageHead
        above={<Link href={"/evidence/sources" as Route} prefetch={false}>Sources</Link>}
        title={source.name}
        sentence={`${source.format === null ? "Looks at open connections" : formatWords[source.format].name} of ${source.system.name}, ${wayText(source)}.`}
      />
      {source.lastError ? (
        <div className={styles.notice}>
          <Banner tone="trouble">
            {source.lastErrorAt ? <RelativeTime at={source.lastErrorAt} what="since" /> : null}: {source.lastError}. What was read before stays; nothing later counts as reported until it can be read again.
          </Banner>
        </div>
      ) : null}
      {source.closedAt ? (
        <div className={styles.notice}>
          <Banner>Closed <RelativeTime at={source.closedAt} what="closed" />: it takes nothing any more, and no chain waits for it.</Banner>
        </div>
      ) : null}
      <Columns aside={<Facts source={source} />}>
        {maySend ? (
          <Section title="Send a log" note="Late data is welcome: it is matched to its session and said to be late.">
            <SendLog sourceId={source.id} />
          </Section>
        ) : null}
        {source.linesRejected > 0 ? <Rejections source={source} /> : null}
        {source.files.length > 0 ? <Files files={source.files} /> : null}
        {isSent && source.closedAt === null ? <Senders source={source} mayManage={mayManage} /> : null}
        {maySend ? <CloseSource sourceId={source.id} name={source.name} /> : null}
        {isSent ? null : (
          <Section title="How it comes">
            <p className={styles.none}>
              {source.kind === "polled"
                ? `Curfew looks at the open connections of ${source.system.name} while a session lives there.`
                : `Curfew reads the log of ${source.system.name} by itself while it is connected, and keeps what it says of credentials that Curfew issued.`}
            </p>
          </Section>
        )}
      </Columns>
    </>
  );
}

function Facts({ source }: { source: SourceView }) {
  const time = (at: string | null, what: string, otherwise: string) => (at === null ? otherwise : <RelativeTime at={at} what={what} />);
  return (
    <Section title="How far it has reported">
      <KeyValue
        facts={[
          { key: "kind", label: "Kind", value: kindText(source) },
          { key: "system", label: "System", value: <Link prefetch={false} href={`/systems/${source.system.id}` as Route}>{source.system.name}</Link> },
          { key: "from", label: "Covers from", value: source.kind === "polled" ? "each look for itself" : time(source.coversFrom, "covers from", "nothing yet") },
          { key: "watermark", label: "Reported up to", value: time(source.watermark, "reported up to", "nothing yet") },
          { key: "lag", label: "Lag", value: lagText(source.lagSeconds) },
          { key: "received", label: "Last heard of", value: time(source.receivedAt, "last heard of", "never") },
          ...(source.kind === "polled"
            ? []
            : [
                { key: "read", label: "Lines read", value: formatCount(source.linesRead) },
                { key: "uses", label: "Uses kept", value: formatCount(source.usesKept) },
                { key: "unmatched", label: "Without a session", value: formatCount(source.usesUnmatched) },
                { key: "repeated", label: "Known before", value: formatCount(source.linesRepeated) },
                { key: "rejected", label: "Not taken", value: formatCount(source.linesRejected) },
              ]),
        ]}
      />
    </Section>
  );
}

/** Where and why; never what the line says. */
function Rejections({ source }: { source: SourceView }) {
  return (
    <Section title={`${formatPlural(source.linesRejected, "line")} not taken`} note={source.linesRejected > source.rejections.length ? `The newest ${source.rejections.length}.` : "The other lines do not wait for these."}>
      <ListRows label="Lines that were not taken">
        {source.rejections.map((rejection) => (
          <ListRow key={rejection.seq} head={<>Line {formatCount(rejection.line)} of {rejection.place}</>} end={<RelativeTime at={rejection.at} what="read" />} facts={<span>{lineProblemWords[rejection.code]}</span>} />
        ))}
      </ListRows>
    </Section>
  );
}

const stateWords = { receiving: "being read", complete: "read whole", interrupted: "broke off", failed: "not read to its end" } as const;

function Files({ files }: { files: readonly SourceFileView[] }) {
  return (
    <Section title="Files that were sent" note="The newest 20. The files themselves are not kept.">
      <ListRows label="Files that were sent">
        {files.map((file) => (
          <ListRow
            key={file.id}
            head={<strong>{file.name}</strong>}
            end={<ClockTime at={file.startedAt} what="sent" />}
            facts={
              <>
                <span>{stateWords[file.state]}</span>
                <span>by {file.sender}</span>
                <span>{formatPlural(file.usesKept, "new use")} of {formatPlural(file.linesRead, "line")}</span>
                {file.linesRejected > 0 ? <span>{formatCount(file.linesRejected)} not taken</span> : null}
                {file.sha256 ? <span>SHA-256 <code title={file.sha256}>{file.sha256.slice(0, 12)}</code></span> : null}
              </>
            }
          />
        ))}
      </ListRows>
    </Section>
  );
}
