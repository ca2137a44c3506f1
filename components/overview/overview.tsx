import type { Route } from "next";
import type { ReactNode } from "react";
import { QuietRefresh } from "@/components/shell/quiet-refresh";
import { ButtonLink } from "@/components/ui/form/button";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { PageHead } from "@/components/ui/page/page-head";
import type { OverviewView } from "@/lib/overview/types";
import { formatPlural } from "@/lib/platform/format";
import { LiveGrants, ReadyGrants, UnprovenGrants } from "./grant-parts";
import { OfferedPlaces } from "./offers";
import { OpenFindings, TroubledSystems, UnownedIdentities } from "./know-parts";
import { OpenReviews } from "./reviews";
import { Votes } from "./votes";

/** How many things wait for this person. An end on its way is none: it proves itself within seconds or gets stuck. */
function waitingCount({ votes, ready, reviews, unproven, systems, offers }: OverviewView): number {
  const stuck = unproven.rows.filter(({ state }) => state === "stuck").length;
  return (votes?.total.count ?? 0) + (ready?.total.count ?? 0) + (reviews?.length ?? 0) + offers.length + stuck + (systems?.length ?? 0);
}

function sentenceOf(view: OverviewView, urgentCount: number): string {
  const count = urgentCount + waitingCount(view);
  if (count > 0) return `${formatPlural(count, "thing needs", "things need")} you now, the most urgent first.`;
  const open = view.findings?.total.count ?? 0;
  if (open > 0) return `Nothing waits for you now. ${formatPlural(open, "finding is", "findings are")} open.`;
  return view.live.total.count > 0 ? "Nothing needs you now. What is live ends by itself." : "Nothing needs you now.";
}

/** What needs me now: the most urgent first, and nothing that is in order. */
export function Overview({ view, urgent, urgentCount }: { view: OverviewView; /** Emergencies: they come before everything else. */ urgent: ReactNode; urgentCount: number }) {
  const isQuiet = urgentCount + waitingCount(view) === 0 && view.unproven.total.count === 0 && view.live.total.count === 0 && (view.unowned?.total.count ?? 0) === 0 && (view.findings?.total.count ?? 0) === 0;
  return (
    <>
      <PageHead
        title={"Overview"}
        sentence={sentenceOf(view, urgentCount)}
        action={
          view.canAsk ? (
            <ButtonLink kind="primary" href={"/requests/new" as Route}>
              Ask for access
            </ButtonLink>
          ) : null
        }
      />
      <QuietRefresh kinds={["request.", "grant.", "identity.", "system.", "finding.", "hand-over.", "break-glass."]}>
        <div>
          {urgent}
          {view.systems && view.systems.length > 0 ? <TroubledSystems systems={view.systems} /> : null}
          {view.unproven.rows.length > 0 ? <UnprovenGrants part={view.unproven} /> : null}
          {view.votes && view.votes.rows.length > 0 ? <Votes part={view.votes} /> : null}
          {view.ready && view.ready.rows.length > 0 ? <ReadyGrants part={view.ready} /> : null}
          {view.offers.length > 0 ? <OfferedPlaces offers={view.offers} /> : null}
          {view.reviews && view.reviews.length > 0 ? <OpenReviews reviews={view.reviews} /> : null}
          {view.live.rows.length > 0 ? <LiveGrants part={view.live} /> : null}
          {view.unowned && view.unowned.rows.length > 0 ? <UnownedIdentities part={view.unowned} /> : null}
          {view.findings && view.findings.rows.length > 0 ? <OpenFindings part={view.findings} /> : null}
          {isQuiet ? <Quiet canAsk={view.canAsk} /> : null}
        </div>
      </QuietRefresh>
    </>
  );
}

function Quiet({ canAsk }: { canAsk: boolean }) {
  return (
    <EmptyState
      title="All quiet"
      why="No request waits for you, no session is live, every end is proven."
      next={
        canAsk ? (
          <ButtonLink href={"/requests/new" as Route}>Ask for access</ButtonLink>
        ) : (
          <ButtonLink href="/identities">See every identity</ButtonLink>
        )
      }
    />
  );
}
