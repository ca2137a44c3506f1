/** What global set-ups hand to the tests by `inject()`. */
export type AppCluster = {
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly template: string;
};

/** A PostgreSQL server that a connector test may treat as its target. */
export type TargetCluster = {
  readonly version: number;
  readonly host: string;
  readonly port: number;
  readonly superuser: string;
  readonly password: string;
  readonly database: string;
};

declare module "vitest" {
  interface ProvidedContext {
    appCluster: AppCluster;
    targets: readonly TargetCluster[];
  }
}
