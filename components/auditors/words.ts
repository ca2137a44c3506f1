import { proposingRefusals } from "@/components/proposals/words";
import type { Refusals } from "@/components/ui/form/act";

/** Why something about an engagement is refused, in words. */
export const engagementRefusals: Refusals = {
  ...proposingRefusals,
  "person-unknown": "Nobody is known by this id any more.",
  "already-left": "This person has left.",
  yourself: "You cannot be your own auditor. Choose somebody else.",
  "holds-roles": "This person holds a role besides auditor. An engagement is for somebody who does nothing else in Curfew: take the role first, on the person's page.",
  "system-unknown": "One of these systems is not there any more. Load the page again.",
  "ends-in-the-past": "The last day is over already.",
  "too-long": "At most one year. Give another engagement when it ends.",
  "period-backwards": "The period ends before it begins.",
  "secret-in-text": "The reason looks as if it held a secret. Nothing was kept: take it out.",
  "engagement-unknown": "This engagement is over or not there any more.",
  "still-in-force": "This engagement is in force. End it first.",
};

/** What an auditor did, in words. */
export const lookWords = { chain: "opened a chain", list: "looked at the list", export: "asked for a file", file: "took a file" } as const;
