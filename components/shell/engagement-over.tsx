import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Button } from "@/components/ui/form/button";
import { Page } from "@/components/ui/page/page-head";
import { formatUtc } from "@/lib/platform/format";

/** An auditor whose engagement is over: says since when, and who can give another one. */
export function EngagementOver({ until }: { until: string }) {
  return (
    <Page>
      <EmptyState
        title={<h1>Your engagement as an auditor is over</h1>}
        why={`It ended ${formatUtc(until)}, and with it everything that you could see here. An administrator of Curfew can give you another engagement if your work goes on. What you looked at and took stays on record.`}
        next={
          <form method="post" action="/api/auth/signout">
            <Button type="submit">Sign out</Button>
          </form>
        }
      />
    </Page>
  );
}
