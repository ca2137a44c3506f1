import Link from "next/link";
import type { ReactNode } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { PageHead } from "@/components/ui/page/page-head";
import { KeyValue } from "@/components/ui/page/key-value";
import { Columns, Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { SystemView as View } from "@/lib/systems/types";
import { Connection, Limits } from "./connection";
import { OwnAccounts } from "./own-accounts";
import { AccountGaps, UnprovenEnds } from "./system-troubles";
import styles from "./systems.module.css";
import { reasonWords } from "./words";

/** Everything about one connected system. */
export function SystemView({ system, children }: { system: View; children: ReactNode }) {
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/systems">Systems</Link>}
        title={system.name}
        sentence={system.isFromFiles ? `Known from files, in ${system.environment}. Nothing can be granted or ended through it.` : `${system.connector} in ${system.environment}${system.address ? `, at ${system.address}` : ""}. Credentials here are ${
          system.credential === "holder-made" ? "made by whoever holds them; Curfew never has the secret" : "made by the target and shown once"
        }.`}
      />
      {system.unreachableSince ? (
        <div className={styles.notice}>
          <Banner tone="trouble">
            Not reachable for <RelativeTime at={system.unreachableSince} what="unreachable since" bare />:{" "}
            {reasonWords(system.unreachableReason)}. Nothing new can be issued here, and ends wait until it answers.
            Curfew keeps trying.
          </Banner>
        </div>
      ) : null}
      <Columns
        aside={
          <>
            {system.isFromFiles ? <KnownFromFiles system={system} /> : <Connection system={system} />}
            {system.isFromFiles ? null : <Limits system={system} />}
          </>
        }
      >
        {system.unproven.length > 0 ? <UnprovenEnds ends={system.unproven} /> : null}
        {system.check && system.check.gaps.length > 0 ? <AccountGaps gaps={system.check.gaps} /> : null}
        {children}
        {system.ownAccounts.length > 0 ? <OwnAccounts accounts={system.ownAccounts} /> : null}
      </Columns>
    </>
  );
}

/** What there is in place of a connection. */
function KnownFromFiles({ system }: { system: View }) {
  return (
    <Section title="Known from files">
      <KeyValue
        facts={[
          { key: "applied", label: "Last file", value: system.discoveredAt ? <RelativeTime at={system.discoveredAt} what="last file compared" /> : "none was applied yet" },
          { key: "imports", label: "Imports", value: <Link prefetch={false} href="/systems/imports">What was sent, and what it changed</Link> },
        ]}
      />
    </Section>
  );
}
