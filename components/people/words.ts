import { proposingRefusals } from "@/components/proposals/words";
import type { Refusals } from "@/components/ui/form/act";

/** Why something about a person is refused, in words. */
export const personRefusals: Refusals = {
  ...proposingRefusals,
  "person-unknown": "Nobody is known by this id any more.",
  "already-left": "This person has left.",
  yourself: "You cannot set yourself to left. Another administrator can.",
  "last-administrator": "This is the last administrator. Make another one first.",
  "has-engagement": "This person is an auditor with an engagement, which says all that they see. End and remove it first, on the page Auditors.",
  "holds-it-already": "This person holds the role already.",
  "does-not-hold-it": "This person does not hold the role any more.",
  "team-unknown": "This team is not there any more.",
  "filled-by-directory": "A group of the directory fills this team. Change it there.",
  "in-it-already": "This person is in the team already.",
  "not-in-it": "This person is not in the team any more.",
  "over-already": "This is over already.",
  "ends-before-it-begins": "The end is before the beginning.",
  "ends-in-the-past": "The end is in the past.",
  "too-long": "At most one year.",
  "not-yourself": "You can say this of yourself only.",
  "stand-in-not-here": "Choose somebody else who is here.",
  "delegate-yourself": "Choose somebody else: you decide for yourself already.",
  "delegate-cannot-decide": "This person holds no role that decides. Choose an approver or owner.",
};

/** Why a stop or a token cannot be answered, in words. */
export const directoryRefusals: Refusals = {
  "unknown-stop": "This is not there any more.",
  "not-waiting": "Somebody decided this already.",
  "last-administrator": "Nobody would be left who is an administrator. Make another one first.",
  "no-longer-administrator": "You are no longer an administrator.",
  "unknown-token": "This token is not there any more.",
  "withdrawn-already": "This token was withdrawn already.",
};
