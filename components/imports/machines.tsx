"use client";

import { useActionState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { CodeBlock } from "@/components/ui/page/code-block";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { ClockTime, RelativeTime } from "@/components/ui/time/relative-time";
import { makeImportTokenAction, withdrawImportTokenAction } from "@/lib/imports/actions";
import type { ImportTokenView } from "@/lib/imports/types";
import { idle } from "@/lib/platform/action-state";
import styles from "./imports.module.css";

type MachinesProps = { systemId: string; system: string; tokens: readonly ImportTokenView[]; mayImport: boolean };

const refusals: Readonly<Record<string, string>> = {
  "unknown-system": "Files can be sent about systems that are known from files only.",
  "too-many-tokens": "There are 20 tokens already. Withdraw one first.",
  "name-is-secret": "The name looks like a secret. Nothing was saved: choose another one.",
};

/** Machines that may send files about this system by themselves; what they send waits for a person, too. */
export function Machines({ systemId, system, tokens, mayImport }: MachinesProps) {
  return (
    <Section title="Sent by machines" note={`A token sends files about ${system} only. What a file changes still waits for an administrator.`}>
      {tokens.length === 0 ? <p className={styles.none}>No machine may send files yet.</p> : null}
      <ListRows label="Machines">
        {tokens.map((token) => (
          <ListRow
            key={token.id}
            head={<strong>{token.name}</strong>}
            end={mayImport ? <Withdraw token={token} /> : null}
            facts={
              <>
                <span>until <ClockTime at={token.expiresAt} what="ends" /></span>
                <span>{token.lastUsedAt ? <>used <RelativeTime at={token.lastUsedAt} what="last used" /></> : "not used since it was made"}</span>
              </>
            }
          />
        ))}
      </ListRows>
      {mayImport ? <MakeToken systemId={systemId} /> : null}
    </Section>
  );
}

function Withdraw({ token }: { token: ImportTokenView }) {
  const [state, withdraw] = useActionState(withdrawImportTokenAction, idle);
  return (
    <form action={withdraw}>
      <input type="hidden" name="tokenId" value={token.id} />
      <SubmitButton kind="default" size="small" pendingText="Withdrawing…">
        Withdraw <span className="visually-hidden">{token.name}</span>
      </SubmitButton>
      {state.status === "failed" ? <p role="alert">It could not be withdrawn: try again.</p> : null}
    </form>
  );
}

function MakeToken({ systemId }: { systemId: string }) {
  const [state, make] = useActionState(makeImportTokenAction, idle);
  if (state.status === "done") {
    return (
      <div className={styles.token}>
        <Banner live>The token is shown once: this page forgets it when you leave.</Banner>
        <CodeBlock code={state.value.token} what="token" />
      </div>
    );
  }
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  return (
    <form action={make} className={styles.token}>
      <input type="hidden" name="systemId" value={systemId} />
      <TextField label="Which machine" name="name" placeholder="nightly-aws-export" errors={errors["name"]} autoComplete="off" />
      <ChoiceField label="For" name="days" defaultValue="90" data={[{ value: "7", label: "7 days" }, { value: "30", label: "30 days" }, { value: "90", label: "90 days" }, { value: "366", label: "a year" }]} />
      {state.status === "refused" ? <Banner tone="trouble" live>{refusals[state.code] ?? "This was refused. Nothing was saved."}</Banner> : null}
      {state.status === "failed" ? <Banner tone="trouble" live>Something went wrong on our side. Nothing was saved. Id: {state.correlationId}</Banner> : null}
      <SubmitButton kind="default" size="small" pendingText="Making…">Make token</SubmitButton>
    </form>
  );
}
