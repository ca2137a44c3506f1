/** What would be erased, counted before it is. */
export type Erasable = {
  /** Names and texts. `isMore`: there are more than that. */
  readonly values: number;
  readonly isMore: boolean;
  /** What a hold keeps. */
  readonly held: number;
  readonly before: string;
};

/** A hold as its list shows it. */
export type HoldView = { readonly id: string; readonly about: string; readonly reason: string; readonly madeBy: string; readonly madeAt: string };

/** A person who left and could be forgotten. */
export type Forgettable = { readonly id: string; readonly name: string; readonly leftAt: string; /** Names and texts about them; what they wrote is found on the way. */ readonly values: number; readonly isMore: boolean; readonly isHeld: boolean };

/** Somebody who is being forgotten, or was not because of a hold. */
export type ForgettingView = { readonly id: string; readonly name: string; readonly askedAt: string; readonly isStopped: boolean };

export type ForgetRefusal = "unknown-person" | "still-here" | "on-hold" | "being-forgotten" | "forgotten-already";
