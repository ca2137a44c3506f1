"use client";

import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import { KindIcon, kindWords } from "@/components/ui/names/kind-icon";
import { formatList } from "@/lib/platform/format";
import type { EntitlementOption, IdentityOption } from "@/lib/requests/views/types";
import { DurationField } from "../duration-field";
import styles from "./ask.module.css";
import { type AskValues, idleSecondsOf, picked, purposesOf } from "./ask-values";
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
  /** What the identity holds standing of it, where the asker may know. */
  standing: readonly string[];
};

const usuallyLongest = 28_800;

/** The fields of an ask, each with what is wrong at it. */
export function AskFields({ isExtension, values, onChange, fields, identities, entitlements, longestSeconds, standing }: AskFieldsProps) {
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
      {standing.length > 0 || fields["standingReason"] ? (
        <TextAreaField
          label="Why ask for what it has standing"
          name="standingReason"
          hint={standing.length > 0 ? `${values.identity?.name ?? "It"} has ${formatList(standing)} already and needs no grant to use it. Whoever decides reads your reason.` : "Whoever decides reads your reason."}
          rows={2}
          maxLength={1_000}
          errors={fields["standingReason"]}
          value={values.standingReason}
          onChange={(event) => onChange({ standingReason: event.currentTarget.value })}
        />
      ) : null}
      <DurationField
        label="For how long"
        seconds={values.durationSeconds}
        onChange={(durationSeconds) => onChange({ durationSeconds })}
        mostSeconds={longestSeconds ?? usuallyLongest}
        problem={fields["durationSeconds"]?.[0] ?? null}
      />
      <input type="hidden" name="durationSeconds" value={values.durationSeconds ?? ""} />
      {isExtension ? null : <StartField values={values} onChange={onChange} errors={fields["notBefore"]} />}
      <TicketField errors={fields["ticketKey"]} value={values.ticketKey} onChange={(ticketKey) => onChange({ ticketKey })} />
      <div className={styles.pair}>
        <TextField
          label="Ends without use for (min)"
          hint="Optional, in minutes. Counted from the last use that was seen."
          inputMode="numeric"
          maxLength={4}
          errors={fields["idleSeconds"]}
          value={values.idleMinutes}
          onChange={(event) => onChange({ idleMinutes: event.currentTarget.value })}
        />
        <input type="hidden" name="idleSeconds" value={idleSecondsOf(values)} />
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
