import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { LiveRefresh } from "@/components/live/live-events";
import { Banner } from "@/components/ui/feedback/banner";
import { ButtonLink } from "@/components/ui/form/button";
import { KeyValue, type Fact } from "@/components/ui/page/key-value";
import { PageHead } from "@/components/ui/page/page-head";
import { Columns, Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { isMoving } from "@/lib/imports/rules";
import type { ChangeView, ContradictionView, ImportTokenView, ImportView as View } from "@/lib/imports/types";
import { formatCount, formatPlural } from "@/lib/platform/format";
import { Decide } from "./decide";
import { Differences, type Numbered, type Shown } from "./differences";
import { ImportState } from "./import-state";
import styles from "./imports.module.css";
import { Machines } from "./machines";
import { Moving } from "./moving";
import { Rejected } from "./rejected";
import { formatBytes } from "@/components/ui/file/sizes";
import { failureWords, formatWords } from "./words";

type ImportViewProps = {
  import: View;
  query: Shown;
  changes: Numbered<ChangeView> | null;
  contradictions: Numbered<ContradictionView> | null;
  tokens: readonly ImportTokenView[];
  mayImport: boolean;
};

/** One file: how far it is, what it would change, what was not taken, and the decision about it. */
export function ImportView({ import: file, query, changes, contradictions, tokens, mayImport }: ImportViewProps) {
  return (
    <>
      <LiveRefresh kinds={["import."]} />
      <PageHead
        above={<Link href="/systems/imports" prefetch={false}>Imports</Link>}
        title={file.fileName}
        sentence={`${formatWords[file.format].name} about ${file.system.name}, ${file.isComplete ? "which lists everything: what is missing has vanished" : "which lists a part: nothing vanishes by it"}.`}
        action={file.state === "applied" || file.state === "unchanged" ? <ButtonLink href={`/systems/${file.system.id}` as Route}>Open {file.system.name}</ButtonLink> : null}
      />
      <Columns
        aside={
          <>
            <Facts file={file} />
            <Machines systemId={file.system.id} system={file.system.name} tokens={tokens} mayImport={mayImport} />
          </>
        }
      >
        <div className={styles.state}>
          <Standing file={file} mayImport={mayImport} />
        </div>
        {file.counts && file.changes !== 0 ? <Differences file={file} query={query} changes={changes} contradictions={contradictions} /> : null}
        {file.linesRejected > 0 ? <Rejected file={file} /> : null}
      </Columns>
    </>
  );
}

/** The one thing that matters now. */
function Standing({ file, mayImport }: { file: View; mayImport: boolean }): ReactNode {
  if (isMoving(file.state)) return <Moving {...file} />;
  switch (file.state) {
    case "ready":
      return <Decide file={file} mayImport={mayImport} />;
    case "unchanged":
      return <Banner>Nothing to change: everything that this file says is known already.</Banner>;
    case "interrupted":
      return (
        <Banner tone="warning" action={mayImport ? <ButtonLink size="small" href="/systems/imports/new">Send it again</ButtonLink> : null}>
          The file broke off after {formatPlural(file.linesRead, "line")}. Nothing of it was kept and nothing changed.
        </Banner>
      );
    case "discarded":
      return <Banner>Thrown away. Nothing changed.</Banner>;
    case "failed": {
      const { why, next } = failureWords(file.failure ?? "went-wrong", file.failureDetail);
      return (
        <Banner tone="trouble" action={mayImport ? <ButtonLink size="small" href="/systems/imports/new">Send another</ButtonLink> : null}>
          {why} Nothing was kept and nothing changed. {next}
        </Banner>
      );
    }
    default:
      return (
        <Banner>
          Applied{file.confirmedBy ? `, as ${file.confirmedBy} confirmed` : ""}. New identities have no owner yet: say who answers for them in{" "}
          <Link href={"/identities?owner=none" as Route} prefetch={false}>the list of identities</Link>.
        </Banner>
      );
  }
}

function Facts({ file }: { file: View }) {
  const facts: Fact[] = [
    { key: "state", label: "State", value: <ImportState state={file.state} /> },
    { key: "system", label: "System", value: <Link prefetch={false} href={`/systems/${file.system.id}` as Route}>{file.system.name}</Link> },
    { key: "by", label: "Sent", value: <>by {file.by}, <RelativeTime at={file.createdAt} what="sent" /></> },
    { key: "as-of", label: "Speaks of", value: <RelativeTime at={file.asOf} what="speaks of" /> },
    { key: "size", label: "Size", value: file.bytesRead > file.bytesReceived ? `${formatBytes(file.bytesReceived)}, unpacked ${formatBytes(file.bytesRead)}` : formatBytes(file.bytesReceived) },
    { key: "lines", label: "Lines", value: `${formatCount(file.linesRead)} read, ${formatCount(file.linesRejected)} rejected${file.linesPassed > 0 ? `, ${formatCount(file.linesPassed)} about something else` : ""}` },
  ];
  if (file.textsWithheld > 0) facts.push({ key: "withheld", label: "Left out", value: `${formatPlural(file.textsWithheld, "text")} that looked like a secret` });
  if (file.counts && file.counts.useDays + file.counts.useSources > 0) facts.push({ key: "use", label: "Use", value: `${formatPlural(file.counts.useDays, "new day")} and ${formatPlural(file.counts.useSources, "source")} of use` });
  if (file.closedAt) facts.push({ key: "closed", label: "Ended", value: <RelativeTime at={file.closedAt} what="ended" /> });
  if (file.sha256) facts.push({ key: "sha", label: "SHA-256", value: <code className={styles.hash}>{file.sha256}</code> });
  return (
    <Section title="The file" note="Known again by its hash; not kept.">
      <KeyValue facts={facts} />
    </Section>
  );
}
