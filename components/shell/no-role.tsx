import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Button } from "@/components/ui/form/button";
import { Page } from "@/components/ui/page/page-head";

/** Signed in, but without any role: says so, and who can change it. Tells nothing about the organisation. */
export function NoRole({ name }: { name: string }) {
  return (
    <Page>
      <EmptyState
        title={<h1>You have no role in Curfew yet</h1>}
        why={
          <>
            You are signed in as {name}, and nobody has given you a role. Without one you see nothing here: no
            identities, no requests, no names. An administrator of Curfew in your organisation can give you one:
            requester to ask for access, approver to decide, owner to answer for identities, auditor to check. It takes
            effect with your next page.
          </>
        }
        next={
          <form method="post" action="/api/auth/signout">
            <Button type="submit">Sign out</Button>
          </form>
        }
      />
    </Page>
  );
}
