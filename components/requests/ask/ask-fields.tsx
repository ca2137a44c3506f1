"use client";

import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import { KindIcon, kindWords } from "@/components/ui/names/kind-icon";
import type { EntitlementOption, IdentityOption } from "@/lib/requests/views/types";
import { DurationField } from "../duration-field";
import styles from "./ask.module.css";
import { type AskValues, picked, purposesOf } from "./ask-values";
import { OptionPicker } from "@/components/ui/form/option-picker";
import { EntitlementLine, MoreAccess } from "./more-access";
import { StartField } from "./start-field";
import { TicketField } from "./ticket-field";
import type { FieldProblems } from "./problems";

type AskFieldsProps = {
  /** It starts where a live session ends, for the same identity. */
  isExtension: boolean;
  values: AskValues;
  onChange: (part: Partial<AskValues>) => void;
  fields: FieldProblems;
  identities: readonly IdentityOption[];
  entitlements: readonly EntitlementOption[];
  /** The longest that policy and caps allow; null while that is not known. */
  longestSeconds: number | null;
};

const usuallyLongest = 28_800;

/** The fields of an ask, each with what is wrong at it. */
export function AskFields({ isExtension, values, onChange, fields, identities, entitlements, longestSeconds }: AskFieldsProps) {
  const purposes = purposesOf(values);
  const purpose = purposes.includes(values.purpose) ? values.purpose : "";
  return (
    <div className={styles.fields}>
      <noscript>
        <p className={styles.quiet}>Asking needs JavaScript here: it shows beforehand what will become of your ask.</p>
      </noscript>
      <OptionPicker
        label="Identity"
        name="identityId"
        placeholder="Who needs the access?"
        errors={fields["identityId"]}
        picked={values.identity}
        onPick={(identity) => onChange({ identity })}
        address="/api/options/identities"
        first={identities}
      >
        {(option) => <IdentityLine option={option} />}
      </OptionPicker>
      <OptionPicker
        label="Access"
        name="access"
        placeholder="What must it be able to do?"
        errors={fields["entitlementIds"]}
        picked={values.entitlement}
        onPick={(entitlement) => onChange({ entitlement })}
        address="/api/options/entitlements"
        first={entitlements}
        groupOf={({ system, environment }) => `${system} · ${environment}`}
      >
        {(option) => <EntitlementLine option={option} />}
      </OptionPicker>
      <MoreAccess more={values.more} first={entitlements} onChange={(more) => onChange({ more })} />
      <input type="hidden" name="entitlementIds" value={picked(values).map(({ id }) => id).join(",")} />
      <ChoiceField
        label="Purpose"
        name="purpose"
        hint={values.entitlement ? (purposes.length === 0 ? "These accesses have no purpose in common: ask for them one by one." : undefined) : "The purposes depend on the access."}
        errors={fields["purpose"]}
        disabled={purposes.length === 0}
        value={purpose}
        onChange={(event) => onChange({ purpose: event.currentTarget.value })}
        data={[{ value: "", label: purposes.length > 0 ? "Pick one" : "" }, ...purposes.map((value) => ({ value, label: value }))]}
      />
      <TextAreaField
        label="What will be done"
        name="intent"
        hint="In a sentence, for whoever decides and whoever reads it later. No passwords or keys."
        rows={3}
        maxLength={1_000}
        errors={fields["intent"]}
        value={values.intent}
        onChange={(event) => onChange({ intent: event.currentTarget.value })}
      />
      <DurationField
        label="For how long"
        seconds={values.durationSeconds}
        onChange={(durationSeconds) => onChange({ durationSeconds })}
        mostSeconds={longestSeconds ?? usuallyLongest}
        problem={fields["durationSeconds"]?.[0] ?? null}
      />
      <input type="hidden" name="durationSeconds" value={values.durationSeconds ?? ""} />
      {isExtension ? null : <StartField values={values} onChange={onChange} errors={fields["notBefore"]} />}
      <div className={styles.pair}>
        <TicketField errors={fields["ticketKey"]} value={values.ticketKey} onChange={(ticketKey) => onChange({ ticketKey })} />
        <TextField
          label="Uses, at most"
          name="maxUses"
          hint="Optional. A connection is a use. PostgreSQL cannot refuse the one too many: it ends the session after it."
          inputMode="numeric"
          maxLength={5}
          errors={fields["maxUses"]}
          value={values.maxUses}
          onChange={(event) => onChange({ maxUses: event.currentTarget.value })}
        />
      </div>
    </div>
  );
}

function IdentityLine({ option }: { option: IdentityOption }) {
  return (
    <span className={styles.line}>
      <span className={styles.lineHead}>
        <KindIcon kind={option.kind} />
        <span className={styles.lineName}>{option.name}</span>
        {option.isYours ? <span className={styles.yours}>yours</span> : null}
        {option.state === "active" ? null : <span className={styles.state}>{option.state}</span>}
      </span>
      <span className={styles.lineMore}>
        {kindWords[option.kind]}
        {option.team ? ` of ${option.team}` : ""}, {option.owner ? `owned by ${option.owner}` : "owned by nobody"}
      </span>
    </span>
  );
}
