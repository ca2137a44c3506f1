import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ButtonLink } from "@/components/ui/form/button";
import { Page } from "@/components/ui/page/page-head";

/** Nothing at this address, or nothing that you may see: both look the same on purpose. */
export function NotThere() {
  return (
    <Page>
      <EmptyState
        title={<h1>There is nothing at this address</h1>}
        why="It was never here, it has gone, or it is not yours to see. Curfew says the same in all three cases."
        next={<ButtonLink href="/">Go to the overview</ButtonLink>}
      />
    </Page>
  );
}
