import type { Role } from "./permissions";

/** What an auditor with an engagement sees and until when (`lib/auditors`). */
export type Bound = {
  readonly engagementId: string;
  readonly since: string;
  /** The first moment at which nothing is seen any more. */
  readonly until: string;
  /** Over by its time, or ended before. */
  readonly isOver: boolean;
  /** Days on which what is seen was asked, in UTC. */
  readonly fromDay: string;
  readonly toDay: string;
  /** Empty: every system. */
  readonly systemIds: readonly string[];
  /** Whether names and free text are seen; else persons have pseudonyms. */
  readonly names: boolean;
};

/** A signed-in person. */
export type PersonActor = {
  readonly kind: "person";
  readonly personId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** An engagement, while it was not removed: then `roles` is what it leaves. */
  readonly bound?: Bound;
};

/** A workload that proved who it is with an OIDC token of a trusted issuer. */
export type WorkloadActor = {
  readonly kind: "workload";
  readonly identityId: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  /** The token's own id, for the record; never the token. */
  readonly tokenId: string | null;
  /** The person who triggered the job, where the token attests one that Curfew knows. */
  readonly triggeredById: string | null;
};

/** Curfew itself: the worker, the seed. */
export type SystemActor = { readonly kind: "system"; readonly process: "worker" | "web" | "seed" | "apply" | "directory" };

export type Actor = PersonActor | WorkloadActor | SystemActor;
