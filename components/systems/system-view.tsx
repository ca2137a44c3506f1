import Link from "next/link";
import { Banner } from "@/components/ui/feedback/banner";
import { PageHead } from "@/components/ui/page/page-head";
import { Columns } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { SystemView as View } from "@/lib/systems/types";
import { Connection, Limits } from "./connection";
import { EntitlementList } from "./entitlement-list";
import { AccountGaps, UnprovenEnds } from "./system-troubles";
import styles from "./systems.module.css";
import { reasonWords } from "./words";

/** Everything about one connected system. */
export function SystemView({ system }: { system: View }) {
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/systems">Systems</Link>}
        title={system.name}
        sentence={`${system.connector} in ${system.environment}${system.address ? `, at ${system.address}` : ""}. Credentials here are ${
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
            <Connection system={system} />
            <Limits system={system} />
          </>
        }
      >
        {system.unproven.length > 0 ? <UnprovenEnds ends={system.unproven} /> : null}
        {system.check && system.check.gaps.length > 0 ? <AccountGaps gaps={system.check.gaps} /> : null}
        <EntitlementList entitlements={system.entitlements} hasMore={system.hasMoreEntitlements} />
      </Columns>
    </>
  );
}
