"use client";

import { useActionState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { Act } from "@/components/ui/form/act";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { CodeBlock } from "@/components/ui/page/code-block";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { ClockTime, RelativeTime } from "@/components/ui/time/relative-time";
import { idle } from "@/lib/platform/action-state";
import { closeSourceAction, makeSourceTokenAction, withdrawSourceTokenAction } from "@/lib/uses/actions";
import type { SourceView } from "@/lib/uses/types";
import styles from "./uses.module.css";

const refusals: Readonly<Record<string, string>> = {
  "unknown-source": "This source takes nothing any more. Nothing was saved.",
  "too-many-tokens": "There are 20 tokens already. Withdraw one first.",
  "name-is-secret": "The name looks like a secret. Nothing was saved: choose another one.",
};

/** Machines that may send lines to this source by themselves. */
export function Senders({ source, mayManage }: { source: SourceView; mayManage: boolean }) {
  return (
    <Section title="Sent by machines" note="A token sends lines to this source only: POST /api/v1/uses.">
      {source.tokens.length === 0 ? <p className={styles.none}>No machine may send lines yet.</p> : null}
      <ListRows label="Machines">
        {source.tokens.map((token) => (
          <ListRow
            key={token.id}
            head={<strong>{token.name}</strong>}
            end={mayManage ? <Withdraw tokenId={token.id} name={token.name} /> : null}
            facts={
              <>
                <span>until <ClockTime at={token.expiresAt} what="ends" /></span>
                <span>{token.lastUsedAt ? <>used <RelativeTime at={token.lastUsedAt} what="last used" /></> : "not used since it was made"}</span>
              </>
            }
          />
        ))}
      </ListRows>
      {mayManage ? <MakeToken sourceId={source.id} /> : null}
    </Section>
  );
}

function Withdraw({ tokenId, name }: { tokenId: string; name: string }) {
  const [state, withdraw] = useActionState(withdrawSourceTokenAction, idle);
  return (
    <form action={withdraw}>
      <input type="hidden" name="tokenId" value={tokenId} />
      <SubmitButton kind="default" size="small" pendingText="Withdrawing…">
        Withdraw <span className="visually-hidden">{name}</span>
      </SubmitButton>
      {state.status === "failed" ? <p role="alert">It could not be withdrawn: try again.</p> : null}
    </form>
  );
}

function MakeToken({ sourceId }: { sourceId: string }) {
  const [state, make] = useActionState(makeSourceTokenAction, idle);
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
      <input type="hidden" name="sourceId" value={sourceId} />
      <TextField label="Which machine" name="name" placeholder="log-shipper" errors={errors["name"]} autoComplete="off" />
      <ChoiceField label="For" name="days" defaultValue="90" data={[{ value: "7", label: "7 days" }, { value: "30", label: "30 days" }, { value: "90", label: "90 days" }, { value: "365", label: "a year" }]} />
      {state.status === "refused" ? <Banner tone="trouble" live>{refusals[state.code] ?? "This was refused. Nothing was saved."}</Banner> : null}
      {state.status === "failed" ? <Banner tone="trouble" live>Something went wrong on our side. Nothing was saved. Id: {state.correlationId}</Banner> : null}
      <SubmitButton kind="default" size="small" pendingText="Making…">Make token</SubmitButton>
    </form>
  );
}

const closeRefusals = { "unknown-source": "It is closed already, or not there any more. Load the page again." };

/** Closes the source: nobody waits for it any more. */
export function CloseSource({ sourceId, name }: { sourceId: string; name: string }) {
  return (
    <Section title="Close" note="Nothing more is taken, its tokens are withdrawn, and no chain waits for it. What it reported stays.">
      <Act
        action={closeSourceAction}
        fields={{ sourceId }}
        kind="danger"
        pendingText="Closing…"
        refusals={closeRefusals}
        confirm={{ title: `Close ${name}?`, text: "It cannot be opened again. Chains that waited for it are complete without it." }}
      >
        Close source
      </Act>
    </Section>
  );
}
