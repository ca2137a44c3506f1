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
export type Forgettable = { readonly id: string; readonly name: string; readonly leftAt: string; readonly values: number; readonly isHeld: boolean };

export type ForgetRefusal = "unknown-person" | "still-here" | "on-hold" | "forgotten-already";
