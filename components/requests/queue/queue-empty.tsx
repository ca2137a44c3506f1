import { LiveRefresh } from "@/components/live/live-events";
import { ButtonLink } from "@/components/ui/form/button";
import { EmptyState } from "@/components/ui/feedback/empty-state";

/** Nothing waits for this person; it fills by itself when something comes. */
export function QueueEmpty() {
  return (
    <>
      <LiveRefresh kinds={["request."]} />
      <EmptyState
        title="Nothing waits for your vote"
        why="Requests appear here by themselves when policy asks you: for what you or your team own, or for what your role decides. Requests of your own side never do."
        next={<ButtonLink href="/requests">See all requests that concern you</ButtonLink>}
      />
    </>
  );
}
