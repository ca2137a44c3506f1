import type * as z from "zod";
import type { Capabilities } from "@/lib/connectors/contract";
import type { GrantState } from "@/lib/grants/types";
import type { systemAddressSchema } from "./schema";

/** Where a system is; never how to sign in to it. */
export type SystemAddress = z.output<typeof systemAddressSchema>;

/** A connected system as its list shows it. Dates are ISO text. */
export type SystemRow = {
  readonly id: string;
  readonly name: string;
  readonly connector: string;
  readonly environment: string;
  /** Known from files: nothing can be granted or ended through it. */
  readonly isFromFiles: boolean;
  readonly checkedAt: string | null;
  readonly unreachableSince: string | null;
  readonly unreachableReason: string | null;
  readonly gaps: number;
  readonly entitlements: number;
  readonly unproven: number;
};

/** The last answer of the connector about the target. */
export type CheckView = {
  readonly serverVersion: string;
  readonly clockOffsetMs: number;
  readonly probeAccount: string | null;
  readonly grantable: readonly string[];
  readonly gaps: readonly { readonly what: string; readonly statement: string }[];
  readonly limits: readonly { readonly code: string; readonly text: string }[];
};

/** An end on this system that is not proven yet. */
export type UnprovenView = {
  readonly id: string;
  readonly requestId: string;
  readonly requestNumber: number;
  readonly identity: { readonly id: string; readonly name: string };
  readonly entitlement: string;
  readonly state: GrantState;
  readonly endingAt: string | null;
  readonly acceptedAt: string | null;
  readonly nextAttemptAt: string | null;
  readonly attempts: number;
};

/** One of Curfew's own accounts on a system, with all that it holds there. */
export type OwnAccountView = {
  readonly id: string;
  readonly handle: string;
  /** `connector` acts, `probe` only looks. */
  readonly use: "connector" | "probe";
  readonly identity: { readonly id: string; readonly name: string };
  readonly isSuperuser: boolean;
  readonly canCreateRoles: boolean;
  /** Groups whose rights it has itself, and those that it may only hand out. */
  readonly holds: readonly string[];
  readonly handsOut: readonly string[];
  readonly seenAt: string;
};

/** Everything that the page of one system shows. */
export type SystemView = {
  readonly id: string;
  readonly name: string;
  readonly connector: string;
  readonly environment: string;
  /** Whether this person may say anew where it is. */
  readonly mayConnect: boolean;
  readonly isFromFiles: boolean;
  readonly capabilities: Capabilities;
  readonly credential: "holder-made" | "target-made";
  /** Where it is, as `host:port/database`; null when the stored configuration says nothing readable. */
  readonly address: string | null;
  readonly sslmode: string | null;
  readonly createdAt: string;
  readonly checkedAt: string | null;
  readonly reachableAt: string | null;
  readonly unreachableSince: string | null;
  readonly unreachableReason: string | null;
  readonly discoveredAt: string | null;
  readonly observedAt: string | null;
  /** Null until the first answer. */
  readonly check: CheckView | null;
  readonly unproven: readonly UnprovenView[];
  readonly ownAccounts: readonly OwnAccountView[];
};
