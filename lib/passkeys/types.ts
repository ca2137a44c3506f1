/** Why the address of this installation takes no passkeys. */
export type AddressRefusal = "address-is-number" | "address-not-secure";

/** Why an answer of an authenticator does not count. */
export type ChallengeRefusal = "challenge-unknown" | "challenge-used" | "challenge-expired" | "asked-elsewhere" | "other-approval";

/** Why a step-up cannot begin, or did not succeed. */
export const stepUpRefusals = [
  "address-is-number",
  "address-not-secure",
  "challenge-unknown",
  "challenge-used",
  "challenge-expired",
  "asked-elsewhere",
  "other-approval",
  "no-passkey",
  "already-left",
  "passkey-unknown",
  "passkey-removed",
  "passkey-revoked",
  "counter-went-back",
  "not-verified",
] as const;
export type StepUpRefusal = (typeof stepUpRefusals)[number];

/** Why a passkey cannot be added. */
export type EnrolRefusal = StepUpRefusal | "too-many" | "sign-in-too-old" | "confirm-first" | "already-enrolled" | "secret-in-text";

/** Why a passkey cannot be renamed or removed. */
export type PasskeyRefusal =
  | StepUpRefusal
  | "passkey-gone"
  | "secret-in-text"
  | "no-longer-administrator"
  | "confirm-with-passkey"
  | "another-administrator"
  | "sign-in-too-old";

/** A passkey as a page shows it. Dates are ISO text. */
export type PasskeyView = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  /** Copied between the person's devices by whoever made them. */
  readonly isSynced: boolean;
};

/** Everything that the section "Passkeys" of a person shows. */
export type PasskeysView = {
  readonly personId: string;
  readonly personName: string;
  readonly isYou: boolean;
  /** May add, rename and remove their own; an auditor changes nothing, and is asked for none. */
  readonly mayEnrol: boolean;
  readonly passkeys: readonly PasskeyView[];
  /** None is left, because they were taken back when this person left. */
  readonly wereTakenBack: boolean;
  /** Where this installation is, and why passkeys do not work there. */
  readonly origin: string;
  readonly address: AddressRefusal | null;
  /** The first passkey needs a fresh sign-in, and this one is older. */
  readonly needsSignIn: boolean;
  /** May remove it without a passkey, because the device is lost. */
  readonly mayRemoveLost: boolean;
};

/** That a person confirmed one thing with a passkey, with all that is needed to check it without Curfew. Bytes are base64url. */
export type StepUpProof = {
  readonly version: 1;
  readonly id: string;
  readonly personId: string;
  readonly rpId: string;
  readonly origin: string;
  /** Canonical JSON: what was approved, by whom, with which passkeys, until when, and a nonce. Its SHA-256 is the challenge. */
  readonly statement: string;
  /** SHA-256 of the canonical JSON of what was approved, as hex. */
  readonly digest: string;
  readonly challenge: string;
  readonly credentialId: string;
  /** COSE key. */
  readonly publicKey: string;
  readonly authenticatorData: string;
  readonly clientDataJson: string;
  readonly signature: string;
  readonly userVerified: boolean;
  readonly counter: number;
  readonly verifiedAt: string;
};
