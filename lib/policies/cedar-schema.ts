import { sensitivities } from "@/lib/entitlements/types";
import { identityKinds, identityStates } from "@/lib/identities/types";
import { moments } from "./types";

/** Days of the week as policies name them, Sunday first as in `Date.getUTCDay`. */
export const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;

function members(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

/**
 * The Cedar schema that policies are validated against. Closed vocabularies are enumerated entities and not strings, so
 * that a misspelt state or sensitivity is an error when the set is validated, instead of a rule that never applies.
 */
export const cedarSchema = `
entity Kind enum [${members(identityKinds)}];
entity State enum [${members(identityStates)}];
entity Sensitivity enum [${members(sensitivities)}];
entity Moment enum [${members(moments)}];
entity Requester enum ["person", "workload"];
entity Day enum [${members(days)}];

entity Identity {
  name: String,
  kind: Kind,
  environment: String,
  state: State,
  hasOwner: Bool,
  vanished: Bool,
  shared: Bool,
  teamId?: String,
  team?: String,
};

entity Entitlement {
  name: String,
  system: String,
  environment: String,
  sensitivity: Sensitivity,
  actions: Set<String>,
  role: String,
};

type Asked = {
  moment: Moment,
  purpose: String,
  durationSeconds: Long,
  maxUses?: Long,
  ticket: { present: Bool, key?: String, verified: Bool },
  requester: { kind: Requester, attested: Bool },
  extension?: { earlierSeconds: Long },
  history: { timesGranted: Long, standing: Bool },
  hourUtc: Long,
  dayOfWeek: Day,
  sourceAddress?: ipaddr,
};

type AskedInEmergency = {
  moment: Moment,
  purpose: String,
  durationSeconds: Long,
  maxUses?: Long,
  ticket: { present: Bool, key?: String, verified: Bool },
  requester: { kind: Requester, attested: Bool },
  history: { timesGranted: Long, standing: Bool },
  hourUtc: Long,
  dayOfWeek: Day,
  sourceAddress?: ipaddr,
  breaker: { onCall: Bool, onCallForIdentity: Bool, onCallForResource: Bool },
};

action use appliesTo { principal: [Identity], resource: [Entitlement], context: Asked };
action "break-glass" appliesTo { principal: [Identity], resource: [Entitlement], context: AskedInEmergency };
`;
