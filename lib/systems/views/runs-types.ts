/** One reading of a system into the inventory. Dates are ISO text. */
export type DiscoveryRunView = {
  readonly id: string;
  readonly state: "running" | "complete" | "failed";
  /** `waiting`, `roles`, `privileges` or `writing`; null once it is over. */
  readonly phase: string | null;
  readonly done: number;
  readonly total: number | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Null where the worker began it by itself. */
  readonly orderedBy: string | null;
  readonly counts: { readonly roles: number; readonly appeared: number; readonly changed: number; readonly vanished: number } | null;
  readonly diff: readonly { readonly change: "appeared" | "changed" | "vanished"; readonly name: string; readonly what: readonly string[] }[];
  readonly notSeen: readonly { readonly database: string; readonly why: string }[];
  readonly failure: string | null;
  readonly failureText: string | null;
};

/** The newest runs of a system, and whether its own log tells of sign-ins. */
export type DiscoveryRunsView = {
  readonly systemId: string;
  readonly name: string;
  readonly canDiscover: boolean;
  readonly mayDiscover: boolean;
  readonly runs: readonly DiscoveryRunView[];
  readonly log: {
    readonly visibleSince: string | null;
    readonly readAt: string | null;
    readonly unreadable: string | null;
    readonly remedy: string | null;
  } | null;
};
