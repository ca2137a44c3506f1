import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { Tone } from "@/components/ui/truth/tone";
import type { GrantState } from "@/lib/grants/types";

type Look = { readonly tone: Tone; readonly word: string; readonly title: string; readonly isTrouble?: true };

const looks = {
  ready: { tone: "waiting", word: "ready", title: "Approved; waits to be activated" },
  issuing: { tone: "waiting", word: "issuing", title: "The target is making the credential" },
  active: { tone: "live", word: "live", title: "The credential works" },
  ending: { tone: "ending", word: "ending", title: "Its end was asked for; the target has not taken it yet" },
  accepted: { tone: "ending", word: "accepted", title: "The target took the end; it is not proven yet" },
  proven: { tone: "proven", word: "proven dead", title: "A probe showed that it no longer works" },
  failed: { tone: "neutral", word: "never issued", title: "The target did not make the credential" },
  lapsed: { tone: "neutral", word: "lapsed", title: "Nobody activated it in time" },
  stuck: { tone: "stuck", word: "not proven", title: "The end could not be proven after several tries", isTrouble: true },
  "not-provable": { tone: "stuck", word: "cannot be proven", title: "The target offers no way to look", isTrouble: true },
  forced: { tone: "stuck", word: "closed by force", title: "A person closed it without a proof", isTrouble: true },
  "expired-unproven": { tone: "stuck", word: "expired, unproven", title: "It cannot work any more, but nobody looked", isTrouble: true },
} satisfies Record<GrantState, Look>;

/** The state of a grant in words that do not lie about its end; a badge only for trouble. */
export function GrantStateMark({ state }: { state: GrantState }) {
  const look: Look = looks[state];
  const Mark = look.isTrouble ? StateBadge : StateWord;
  return (
    <Mark tone={look.tone} title={look.title}>
      {look.word}
    </Mark>
  );
}

