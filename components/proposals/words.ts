import type { ConfirmRefusal, ProposeRefusal } from "@/lib/proposals/types";

/** Why a proposal cannot be confirmed or rejected, in words. Kinds bring refusals of their own. */
export const decidingRefusals: Readonly<Record<ConfirmRefusal, string>> & Readonly<Record<string, string>> = {
  "unknown-proposal": "This proposal is not there any more.",
  "not-waiting": "This was decided already.",
  "own-proposal": "You proposed this: another administrator confirms it.",
  "own-side": "This is about you: another administrator confirms it.",
  "no-longer-administrator": "You are no longer an administrator.",
  "proposer-no-longer-administrator": "Whoever proposed this is no longer an administrator. It has lapsed.",
  "too-late": "Its time is over. Propose it again.",
  "already-left": "This person has left since. The proposal has lapsed.",
  "has-engagement": "This person has an engagement as an auditor since. The proposal has lapsed.",
  "holds-roles": "This person holds another role since. The proposal has lapsed.",
  "ends-in-the-past": "Its end has come since. The proposal has lapsed.",
  "holds-it-already": "This person holds the role already. The proposal has lapsed.",
};

/** Why something cannot be proposed, in words. */
export const proposingRefusals: Readonly<Record<ProposeRefusal, string>> = {
  "no-longer-administrator": "You are no longer an administrator.",
  "already-proposed": "This waits for a second administrator already.",
};
