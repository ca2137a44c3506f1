/** Why a SCIM call is refused, with what RFC 7644 §3.12 calls it. */
export type ScimRefusal = {
  readonly status: 400 | 404 | 409 | 413;
  readonly scimType?: "invalidFilter" | "tooMany" | "uniqueness" | "mutability" | "invalidSyntax" | "invalidPath" | "noTarget" | "invalidValue";
  readonly detail: string;
};

export type ScimResult<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: ScimRefusal };

/** A directory that proved itself with a token. */
export type DirectoryActor = { readonly id: string; readonly name: string };

/** What the directory says about a person, as we keep it: nothing that Curfew has no use for. */
export type UserAttributes = {
  readonly userName: string;
  readonly externalId: string | null;
  readonly active: boolean;
  readonly displayName: string | null;
  readonly name: { readonly formatted?: string | undefined; readonly givenName?: string | undefined; readonly familyName?: string | undefined };
  readonly title: string | null;
  readonly emails: readonly { readonly value: string; readonly type?: string | undefined; readonly primary?: boolean | undefined }[];
};

/** A person of the directory. */
export type StoredUser = UserAttributes & { readonly id: string; readonly createdAt: Date; readonly changedAt: Date };

/** A group of the directory. `members` is null where they were not asked for. */
export type StoredGroup = {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string | null;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly members: readonly { readonly id: string; readonly name: string }[] | null;
};

/** What a filter asks for, as far as it is understood: all of these at once. */
export type Condition = { readonly attribute: string; readonly value: string | boolean };

/** A change of a group that one PATCH operation asks for. */
export type GroupChange =
  | { readonly kind: "rename"; readonly displayName: string }
  | { readonly kind: "external-id"; readonly externalId: string }
  | { readonly kind: "add" | "remove" | "replace"; readonly members: readonly string[] }
  | { readonly kind: "remove-all" }
  | { readonly kind: "nothing" };

/** A token as administrators see it. */
export type ScimTokenView = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly lastUsedAt: string | null;
  readonly withdrawnAt: string | null;
};

/** A stop that waits for an administrator. */
export type LeavingStopView = {
  readonly id: string;
  readonly why: "mass" | "last-administrator";
  readonly token: string;
  readonly stoppedAt: string;
  readonly presentCount: number;
  /** How many had left in the same go before it stopped, and some of their names. */
  readonly leftBefore: number;
  readonly leftNames: readonly string[];
  /** How many would leave, and some of their names. */
  readonly parkedCount: number;
  readonly parkedNames: readonly string[];
};

/** Why an administrator's answer to a stop is refused. */
export type StopRefusal = "unknown-stop" | "not-waiting" | "last-administrator" | "no-longer-administrator";
