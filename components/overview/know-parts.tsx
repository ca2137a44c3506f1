import type { Route } from "next";
import { findingWords } from "@/lib/findings/words";
import { LastUse } from "@/components/identities/last-use";
import { IdentityName } from "@/components/ui/names/identity-name";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import { kindWords } from "@/components/ui/names/kind-icon";
import type { FindingRow } from "@/lib/findings/types";
import type { Some, TroubledSystemView, UnownedView } from "@/lib/overview/types";
import { Part, PartRow } from "./part";

/** Identities that nobody answers for, those at work first. */
export function UnownedIdentities({ part }: { part: Some<UnownedView> }) {
  return (
    <Part
      title="Nobody answers for"
      total={part.total}
      note="Policy gives them no new access. Those seen at work last come first."
      href={"/identities?state=unowned" as Route}
      hrefText="All of them"
    >
      {part.rows.map((identity) => (
        <PartRow
          key={identity.id}
          href={`/identities/${identity.id}` as Route}
          name={<IdentityName {...identity} linked={false} />}
          text={`${kindWords[identity.kind]} in ${identity.environment}`}
          end={<LastUse at={identity.lastActiveAt} visibleSince={identity.visibleSince} short />}
        />
      ))}
    </Part>
  );
}

/** Gaps that Curfew found, the newest first. */
export function OpenFindings({ part }: { part: Some<FindingRow> }) {
  return (
    <Part title="Findings" total={part.total} note="Each closes by itself when the gap is gone; what lies in the past rests once somebody looked." href={"/findings" as Route} hrefText="All findings">
      {part.rows.map((finding) => (
        <PartRow
          key={finding.id}
          href={(finding.identity ? `/identities/${finding.identity.id}` : "/findings") as Route}
          name={findingWords[finding.kind].name}
          text={finding.title}
          end={<RelativeTime at={finding.openedAt} what="opened" />}
        />
      ))}
    </Part>
  );
}

/** Targets that do not answer. */
export function TroubledSystems({ systems }: { systems: readonly TroubledSystemView[] }) {
  return (
    <Part
      title="Does not answer"
      total={{ count: systems.length, capped: false }}
      note="Nothing can be issued there, and ends wait until it answers."
      href={"/systems" as Route}
      hrefText="All systems"
    >
      {systems.map((system) => (
        <PartRow
          key={system.id}
          isTrouble
          href={`/systems/${system.id}` as Route}
          name={system.name}
          text=""
          end={
            <StateBadge tone="stuck">
              <span>
                unreachable for <RelativeTime at={system.unreachableSince} what="unreachable since" bare />
              </span>
            </StateBadge>
          }
        />
      ))}
    </Part>
  );
}
