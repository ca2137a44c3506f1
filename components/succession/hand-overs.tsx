import type { Route } from "next";
import Link from "next/link";
import { Act, type Refusals } from "@/components/ui/form/act";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { ClockTime, RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import { formatList } from "@/lib/platform/format";
import { acceptHandOverAction, declineHandOverAction } from "@/lib/succession/actions";
import type { HandOverView, OfferRefusal, OfferView } from "@/lib/succession/types";

const refusals: Refusals = {
  "unknown-hand-over": "This is not offered any more.",
  "not-asked": "You are not asked about this any more.",
  "already-answered": "You answered this already, or its time was over.",
  "not-offered-any-more": "Somebody else has taken it, or it is over.",
  "too-late": "Its time is over: the next one is asked now.",
  "you-left": "You have left.",
} satisfies Record<OfferRefusal, string>;

const stepWords = { backup: "as its backup", sponsor: "as its sponsor", "team-lead": "as lead of its team" } as const;

/** Places that somebody left: what is offered to you, and everything that runs for those who see all. */
export function HandOvers({ offers, all, mayName }: { offers: readonly OfferView[]; all: readonly HandOverView[] | null; mayName: boolean }) {
  return (
    <>
      <Section title="Offered to you" note="Take it and you answer for the identity from then on. If nobody does, it becomes an orphan and gets nothing new.">
        {offers.length === 0 ? (
          <EmptyState small title="Nothing is offered to you" why="You are asked when somebody leaves who owned what you are backup, sponsor or team lead of." />
        ) : (
          <ListRows label="Offered to you">
            {offers.map((offer) => (
              <OfferRow key={offer.handOverId} offer={offer} />
            ))}
          </ListRows>
        )}
      </Section>
      {all ? <All handOvers={all} mayName={mayName} /> : null}
    </>
  );
}

function OfferRow({ offer }: { offer: OfferView }) {
  const { identity, place, step, leaver, deadline, others } = offer;
  const fields = { handOverId: offer.handOverId };
  return (
    <ListRow
      head={
        <span>
          Be {place} of <Link prefetch={false} href={`/identities/${identity.id}` as Route}>{identity.name}</Link>
        </span>
      }
      end={
        <>
          <Act action={acceptHandOverAction} fields={fields} pendingText="Taking over…" label={`Take over ${identity.name} as ${place}`} refusals={refusals}>
            Take over
          </Act>{" "}
          <Act action={declineHandOverAction} fields={fields} pendingText="Declining…" label={`Decline ${identity.name}`} refusals={refusals}>
            Decline
          </Act>
        </>
      }
      facts={
        <>
          <span>{leaver} left</span>
          <span>you are asked {stepWords[step]}</span>
          <span>in {identity.environment}</span>
          <span>
            until <ClockTime at={deadline} what="until" />
          </span>
          {others.length > 0 ? <span>{formatList([...others])} asked as well: the first has it</span> : null}
        </>
      }
    />
  );
}

function All({ handOvers, mayName }: { handOvers: readonly HandOverView[]; mayName: boolean }) {
  return (
    <Section title="Everywhere" note={mayName ? "Name an owner on the identity's page at any time: that ends its hand-over." : "An administrator can name an owner at any time."}>
      {handOvers.length === 0 ? (
        <EmptyState small title="No hand-over runs" why="Nobody who left still has a place as owner, sponsor or backup." />
      ) : (
        <ListRows label="Everywhere">
          {handOvers.map(({ id, place, state, identity, leaver, startedAt, deadline, endedAt, asked }) => (
            <ListRow
              key={id}
              head={<Link prefetch={false} href={`/identities/${identity.id}` as Route}>{identity.name}</Link>}
              end={state === "failed" ? <StateBadge tone="stuck">orphaned</StateBadge> : null}
              facts={
                <>
                  <span>
                    {leaver}, its {place}, left <RelativeTime at={startedAt} what="left" />
                  </span>
                  {state === "failed" && endedAt ? (
                    <span>
                      nobody took over; new access is frozen since <RelativeTime at={endedAt} what="frozen since" />
                    </span>
                  ) : (
                    <span>
                      {formatList(asked.map(({ name, step }) => `${name} (${step.replace("-", " ")})`))} asked, until {deadline ? <ClockTime at={deadline} what="until" /> : null}
                    </span>
                  )}
                </>
              }
            />
          ))}
        </ListRows>
      )}
    </Section>
  );
}
