/**
 * What a colour means, everywhere: `live` can be used now, `ending` is asked for or accepted, `proven` is dead and
 * shown to be, `stuck` is not proven or failed, `caution` is in order for now but not well, `break-glass` is the emergency path, `waiting` is for somebody to act.
 */
export type Tone = "live" | "ending" | "proven" | "stuck" | "caution" | "break-glass" | "waiting" | "neutral";
