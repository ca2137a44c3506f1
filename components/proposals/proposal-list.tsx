import type { Route } from "next";
import Link from "next/link";
import { Act } from "@/components/ui/form/act";
import { PersonName } from "@/components/ui/names/person-name";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { confirmProposalAction, rejectProposalAction } from "@/lib/proposals/actions";
import type { ProposalView } from "@/lib/proposals/types";
import { decidingRefusals } from "./words";

/** What waits for a second administrator, of any kind. Nothing is shown while nothing waits. */
export function ProposalList({ proposals, mayDecide }: { proposals: readonly ProposalView[]; mayDecide: boolean }) {
  if (proposals.length === 0) return null;
  return (
    <Section
      title="Waiting for a second administrator"
      note="Nothing of it is done until somebody else confirms it. Whoever proposed it, and whoever it is about, cannot."
    >
      <ListRows label="Waiting for a second administrator">
        {proposals.map((proposal) => (
          <ProposalRow key={proposal.id} proposal={proposal} mayDecide={mayDecide} />
        ))}
      </ListRows>
    </Section>
  );
}

function ProposalRow({ proposal, mayDecide }: { proposal: ProposalView; mayDecide: boolean }) {
  const { sentence, href, proposedBy, proposedAt, decideBefore, whyNot, isYours } = proposal;
  const fields = { proposalId: proposal.id };
  return (
    <ListRow
      head={href ? <Link prefetch={false} href={href as Route}>{sentence}</Link> : <span>{sentence}</span>}
      end={
        mayDecide ? (
          <>
            {whyNot === null ? (
              <Act action={confirmProposalAction} fields={fields} pendingText="Confirming…" label={`Confirm: ${sentence}`} refusals={decidingRefusals}>
                Confirm
              </Act>
            ) : null}{" "}
            <Act
              action={rejectProposalAction}
              fields={fields}
              pendingText={isYours ? "Taking back…" : "Rejecting…"}
              label={`${isYours ? "Take back" : "Reject"}: ${sentence}`}
              refusals={decidingRefusals}
            >
              {isYours ? "Take back" : "Reject"}
            </Act>
          </>
        ) : null
      }
      facts={
        <>
          <span>
            proposed by <PersonName person={proposedBy} isYou={isYours} /> <RelativeTime at={proposedAt} what="proposed" />
          </span>
          <span>
            lapses <RelativeTime at={decideBefore} what="lapses" />
          </span>
          {mayDecide && whyNot !== null ? <span>{decidingRefusals[whyNot]}</span> : null}
        </>
      }
    />
  );
}
