import type { Capabilities } from "@/lib/connectors/contract";
import type { ConnectorErrorCode } from "@/lib/connectors/errors";

const reasons = {
  unreachable: "nothing answers at its address",
  timeout: "it does not answer in time",
  aborted: "the last try was cut off",
  denied: "it does not let Curfew's account in",
  "wrong-target": "an entitlement points to something that is not there",
  "deadline-passed": "it answered too late",
  conflict: "it holds something by the name that Curfew needed",
  "in-use": "something there is still in use",
  unexpected: "it answered something unforeseen",
} satisfies Record<ConnectorErrorCode, string>;

/** Why a system cannot be reached, in words. */
export function reasonWords(code: string | null): string {
  const known = Object.entries(reasons).find(([key]) => key === code);
  return known?.[1] ?? "the reason was not recorded";
}

const capabilityWords = {
  discover: ["finds identities and what they hold", "cannot find identities: they must be entered"],
  probe: ["looks again after an end and proves it", "cannot prove an end: it stays accepted"],
  sessions: ["sees and cuts open connections", "cannot cut open connections"],
  observe: ["sees when a credential is used", "use is not observable"],
  nativeExpiry: ["credentials expire on the target by themselves", "no expiry on the target: only Curfew ends them"],
  suspend: ["suspends credentials and gives them back", "cannot suspend a credential: rehearsals are not possible"],
  remove: ["removes credentials for good", "cannot remove a credential: that is done on the target"],
  describe: ["reads what an entitlement really allows", "cannot read what an entitlement allows"],
} satisfies Record<keyof Capabilities, [can: string, cannot: string]>;

/** What the connector can and cannot do, each in a few words. */
export function capabilityLines(capabilities: Capabilities): { key: string; can: boolean; text: string }[] {
  return Object.entries(capabilityWords).map(([key, [can, cannot]]) => {
    const isThere = Object.entries(capabilities).some(([name, value]) => name === key && value);
    return { key, can: isThere, text: isThere ? can : cannot };
  });
}
