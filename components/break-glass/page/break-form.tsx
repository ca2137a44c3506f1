"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { StepUpButton } from "@/components/passkeys/step-up-button";
import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import { OptionPicker } from "@/components/ui/form/option-picker";
import { beginBreakGlassAction, breakGlassAction, previewBreakGlassAction } from "@/lib/break-glass/actions";
import { idle } from "@/lib/platform/action-state";
import { formatSeconds } from "@/lib/platform/format";
import { newId } from "@/lib/platform/ids";
import { saidOf } from "@/components/ui/form/act";
import type { EntitlementOption, IdentityOption } from "@/lib/requests/views/types";
import styles from "../break-glass.module.css";
import { breakRefusals } from "../words";
import { Consequences, type Preview } from "./consequences";

type BreakFormProps = {
  identity: IdentityOption | null;
  entitlement: EntitlementOption | null;
  identities: readonly IdentityOption[];
  entitlements: readonly EntitlementOption[];
  escalates: { readonly id: string; readonly number: number; readonly ticketKey: string | null } | null;
};

const minutes = [5, 10, 15, 30, 60];
const lost = "Curfew did not answer. Try again: the same emergency is not made twice.";

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/** Takes access in an emergency: what, why, what follows, and a passkey. */
export function BreakForm({ identity: first, entitlement: wanted, identities, entitlements, escalates }: BreakFormProps) {
  const router = useRouter();
  const [identity, setIdentity] = useState(first);
  const [entitlement, setEntitlement] = useState(wanted);
  const [incident, setIncident] = useState(escalates?.ticketKey ?? "");
  const [asked, setAsked] = useState(incident);
  const [reason, setReason] = useState("");
  const [duration, setDuration] = useState("");
  const [understood, setUnderstood] = useState(false);
  const preview = usePreview(identity?.id ?? null, entitlement?.id ?? null, asked);
  // One key for the form's whole life: a double click, a retry and a lost answer are one emergency.
  const key = useRef<string | null>(null);
  const longest = preview?.ok ? preview.longestSeconds : 0;

  const fields = () => {
    key.current ??= newId();
    return {
      identityId: identity?.id ?? "", entitlementId: entitlement?.id ?? "", incident, reason, durationSeconds: duration,
      escalates: escalates?.id ?? "", understood: understood ? "yes" : "", idempotencyKey: key.current,
    };
  };
  const begin = async () => {
    const state = await beginBreakGlassAction(idle, formOf(fields())).catch(() => null);
    return state?.status === "done" ? { options: state.value.options } : { problem: (state && saidOf(state, breakRefusals)) ?? lost };
  };
  const finish = async (response: string): Promise<string | null> => {
    const state = await breakGlassAction(idle, formOf({ ...fields(), response })).catch(() => null);
    if (state?.status !== "done") return (state && saidOf(state, breakRefusals)) ?? lost;
    router.push(`/break-glass/${state.value.breakGlassId}` as Route);
    return null;
  };

  return (
    <form className={styles.form} onSubmit={(event) => event.preventDefault()} aria-label="Break the glass" noValidate>
      {escalates ? <p className={styles.quiet}>Request {escalates.number} keeps its votes and its history; nobody is asked about it any more.</p> : null}
      <OptionPicker label="Identity" name="identityId" placeholder="Which identity needs it?" picked={identity} onPick={setIdentity} address="/api/options/identities" first={identities}>
        {(option) => option.name}
      </OptionPicker>
      <OptionPicker label="Access" name="entitlementId" placeholder="What must it be able to do?" picked={entitlement} onPick={setEntitlement} address="/api/options/entitlements" first={entitlements} groupOf={({ system }) => system}>
        {(option) => option.name}
      </OptionPicker>
      <TextField label="Incident" name="incident" hint="Its number or key. It is looked up where a ticket system is connected." placeholder="INC-1042" maxLength={60} value={incident} onChange={(event) => setIncident(event.currentTarget.value)} onBlur={() => setAsked(incident.trim())} />
      <TextAreaField label="What is broken" name="reason" hint="In a sentence, for whoever was passed over and for the review. No passwords or keys." maxLength={1_000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      <ChoiceField
        label="For how long"
        name="durationSeconds"
        hint={preview?.ok ? `At most ${formatSeconds(longest)}. It cannot be extended: more time is another emergency.` : "Pick identity and access first."}
        disabled={!preview?.ok}
        value={duration}
        onChange={(event) => setDuration(event.currentTarget.value)}
        data={[{ value: "", label: "Choose…" }, ...minutes.map((count) => count * 60).filter((seconds) => seconds <= longest).map((seconds) => ({ value: String(seconds), label: formatSeconds(seconds) }))]}
      />
      {preview ? <Consequences preview={preview} identity={identity?.name ?? ""} /> : null}
      {preview?.ok ? (
        <label className={styles.check}>
          <input type="checkbox" name="understood" checked={understood} onChange={(event) => setUnderstood(event.currentTarget.checked)} />
          <span>I know what follows, and there is no time to ask first.</span>
        </label>
      ) : null}
      <div className={styles.foot}>
        {preview?.ok ? (
          <StepUpButton kind="danger" begin={begin} onConfirmed={finish}>
            Break the glass with my passkey
          </StepUpButton>
        ) : null}
      </div>
    </form>
  );
}

/** What would follow; null while it is not known. */
function usePreview(identityId: string | null, entitlementId: string | null, incident: string): Preview | null {
  const address = identityId && entitlementId ? `${identityId} ${entitlementId} ${incident}` : null;
  const [known, setKnown] = useState<{ address: string; preview: Preview } | null>(null);
  useEffect(() => {
    if (!address || !identityId || !entitlementId) return;
    let isOld = false;
    const keep = (preview: Preview) => void (isOld || setKnown({ address, preview }));
    previewBreakGlassAction(idle, formOf({ identityId, entitlementId, incident })).then(
      (state) => keep(state.status === "done" ? state.value : { ok: false, code: "failed", reason: saidOf(state, breakRefusals) }),
      () => keep({ ok: false, code: "failed", reason: lost }),
    );
    return () => {
      isOld = true;
    };
  }, [address, identityId, entitlementId, incident]);
  return known?.address === address ? known.preview : null;
}
