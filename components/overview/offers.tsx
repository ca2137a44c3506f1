import type { Route } from "next";
import { ClockTime } from "@/components/ui/time/relative-time";
import type { OfferView } from "@/lib/succession/types";
import { Part, PartRow } from "./part";

const shown = 6;

/** Places of leavers that are offered to this person, the most urgent first. */
export function OfferedPlaces({ offers }: { offers: readonly OfferView[] }) {
  const href = "/identities/hand-overs" as Route;
  return (
    <Part
      title="Offered to you"
      total={{ count: offers.length, capped: false }}
      note="Their owner, sponsor or backup left. What nobody takes gets nothing new."
      href={href}
      hrefText="All hand-overs"
    >
      {offers.slice(0, shown).map(({ handOverId, identity, place, leaver, deadline }) => (
        <PartRow
          key={handOverId}
          href={href}
          name={identity.name}
          text={`needs a new ${place}: ${leaver} left`}
          end={
            <>
              until <ClockTime at={deadline} what="until" />
            </>
          }
        />
      ))}
    </Part>
  );
}
