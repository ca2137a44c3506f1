import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";

/** Holds a page's place while it is read. */
export default function Loading() {
  return (
    <Page>
      <ListSkeleton />
    </Page>
  );
}
