export const placeKinds = ["file", "mail", "url", "witness", "timestamp"] as const;
/** What gets checkpoints outside: a folder, a mailbox, an address, a witness that cosigns, an authority that timestamps. */
export type PlaceKind = (typeof placeKinds)[number];

/** Why a checkpoint is taken outside. */
export type Occasion = "daily" | "export" | "asked";

/** Why a checkpoint did not get there. */
export type SendFailure =
  | "internal-address" | "unknown-host" | "unreachable" | "timed-out" | "tls" | "insecure" | "answer-too-large" | "http-status"
  | "mail-refused" | "mail-put-off" | "sign-in-refused" | "no-mail-server"
  | "folder-missing" | "folder-inside" | "not-writable" | "other-log-there"
  | "witness-refused" | "witness-disagrees" | "cosignature-wrong" | "stamp-refused" | "stamp-wrong" | "stamp-unsigned" | "stamp-certificate" | "stamp-not-anchored";

/** A place as its page shows it. Dates are ISO text. */
export type PlaceView = {
  readonly id: string;
  readonly kind: PlaceKind;
  readonly name: string;
  readonly address: string;
  readonly mayBeInside: boolean;
  readonly madeBy: string;
  readonly madeAt: string;
  readonly sentSize: number | null;
  readonly sentAt: string | null;
  readonly failingSince: string | null;
  readonly failures: number;
  readonly lastCode: string | null;
  readonly dueAt: string;
  readonly isAsked: boolean;
  /** Of a timestamp authority's newest stamp: whether its certificate led to one that was given. */
  readonly isAnchored: boolean | null;
};

/** A token as its list shows it. */
export type LogTokenView = { readonly id: string; readonly name: string; readonly madeBy: string; readonly madeAt: string; readonly lastUsedAt: string | null };

/** How the ledger stands: what was signed last, with which key, what its own reading found. */
export type LogView = {
  readonly url: string;
  readonly size: number;
  readonly note: string | null;
  readonly signedAt: string | null;
  readonly keys: readonly { readonly vkey: string; readonly from: number; readonly until: number | null }[];
  readonly exportKey: string | null;
  readonly reading: { readonly finishedAt: string; readonly size: number; readonly fault: string | null; readonly position: number | null } | null;
};
