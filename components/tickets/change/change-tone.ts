import type { Tone } from "@/components/ui/truth/tone";
import type { ChangeState } from "@/lib/tickets/types";

/** The colour of a change's state. */
export const changeTone: Readonly<Record<ChangeState, Tone>> = { draft: "neutral", waiting: "waiting", approved: "live", closed: "neutral" };
