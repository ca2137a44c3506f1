import type { Role } from "./permissions";

/** A signed-in person. */
export type PersonActor = {
  readonly kind: "person";
  readonly personId: string;
  readonly name: string;
  readonly roles: readonly Role[];
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
