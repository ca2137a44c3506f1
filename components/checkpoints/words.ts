import type { PlaceKind, SendFailure } from "@/lib/checkpoints/types";

/** What a place is, to choose from. */
export const kindNames = {
  file: "a folder", mail: "a mailbox", url: "an address", witness: "a witness that cosigns", timestamp: "a timestamp authority",
} as const satisfies Record<PlaceKind, string>;

const failures: Readonly<Record<SendFailure, string>> = {
  "internal-address": "the address is inside the network, and nobody said that it may be",
  "unknown-host": "there is no host of that name",
  unreachable: "nobody answered",
  "timed-out": "it took too long to answer",
  tls: "its certificate is not good",
  insecure: "it does not speak https",
  "answer-too-large": "its answer was too large",
  "http-status": "it did not take it",
  "mail-refused": "the mail server refused it",
  "mail-put-off": "the mail server put it off",
  "sign-in-refused": "the mail server refused Curfew’s sign-in",
  "no-mail-server": "no mail server is set up (SMTP_URL)",
  "folder-missing": "the folder is not there",
  "folder-inside": "the folder is inside Curfew’s own: that is not outside",
  "not-writable": "the folder cannot be written to",
  "other-log-there": "a checkpoint of another or a longer log stands there: was Curfew restored from a backup, or its ledger changed?",
  "witness-refused": "the witness refused it: does it know this log’s key?",
  "witness-disagrees": "the witness has seen another log: was Curfew restored from a backup, or its ledger changed?",
  "cosignature-wrong": "its answer was not signed with the witness’s key",
  "stamp-refused": "the authority refused",
  "stamp-wrong": "its answer was no timestamp of this checkpoint",
  "stamp-unsigned": "its timestamp is not signed by the certificate in it",
  "stamp-certificate": "its certificate is not for timestamps alone, or was not valid then",
  "stamp-not-anchored": "its certificate does not lead to one of those given here",
};

/** Why a checkpoint did not get somewhere. */
export function failureWords(code: string | null): string {
  return Object.entries(failures).find(([known]) => known === code)?.[1] ?? "it could not be taken there";
}

/** What the server can refuse here. */
export const checkpointRefusals = {
  "too-many-places": "There are 20 places already. Remove one first.",
  "too-many-tokens": "There are 20 tokens already. Withdraw one first.",
  "name-is-secret": "That looks like a secret. Take it out: names and addresses are shown to auditors.",
  "no-certificate": "One of these is no certificate that can be read. Nothing was set up.",
  "unknown-place": "This place is gone already.",
  "unknown-token": "This token is withdrawn already.",
  "no-longer-administrator": "You are no administrator any more.",
  "already-proposed": "This is proposed already and waits for a second administrator, on the page People.",
} as const;
