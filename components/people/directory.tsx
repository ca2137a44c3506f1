"use client";

import { useActionState } from "react";
import { Act, saidOf } from "@/components/ui/form/act";
import { TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Banner } from "@/components/ui/feedback/banner";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { CopyButton } from "@/components/ui/names/copy-button";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { idle } from "@/lib/platform/action-state";
import { makeScimTokenAction, withdrawScimTokenAction } from "@/lib/scim/actions";
import type { ScimTokenView } from "@/lib/scim/types";
import styles from "./people.module.css";
import { directoryRefusals } from "./words";

/** Where directories write, and with which tokens. */
export function Directory({ tokens, address }: { tokens: readonly ScimTokenView[]; address: string }) {
  return (
    <>
      <Section title="Address" note="What Entra ID calls the tenant URL and Okta the base URL.">
        <p className={styles.secret}>
          <code>{address}</code>
          <CopyButton value={address} label="Copy the address" />
        </p>
      </Section>
      <NewToken />
      <Section title="Tokens">
        {tokens.length === 0 ? (
          <EmptyState small title="No directory writes here" why="People become known with their first sign-in until a directory sends them." />
        ) : (
          <ListRows label="Tokens">
            {tokens.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </ListRows>
        )}
      </Section>
    </>
  );
}

function NewToken() {
  const [state, submit, isPending] = useActionState(makeScimTokenAction, idle);
  const said = saidOf(state, directoryRefusals);
  return (
    <Section title="Make a token" note="It is shown once. Curfew keeps its hash and cannot show it again.">
      <KeptForm submit={submit} className={styles.inline} label="Make a token">
        <TextField label="Which directory" name="name" placeholder="Entra ID" maxLength={80} required errors={state.status === "invalid" ? state.fieldErrors["name"] : undefined} />
        <SaveButton pending={isPending} pendingText="Making…">
          Make token
        </SaveButton>
      </KeptForm>
      {said && state.status !== "invalid" ? <p role="alert">{said}</p> : null}
      {state.status === "done" ? (
        <Banner live tone="warning">
          <p>Copy it into the directory now: this page forgets it when you leave.</p>
          <p className={styles.secret}>
            <code data-testid="scim-token">{state.value.token}</code>
            <CopyButton value={state.value.token} label="Copy the token" />
          </p>
        </Banner>
      ) : null}
    </Section>
  );
}

function TokenRow({ token }: { token: ScimTokenView }) {
  const { name, createdAt, createdBy, lastUsedAt, withdrawnAt } = token;
  return (
    <ListRow
      head={<strong>{name}</strong>}
      end={
        withdrawnAt ? (
          <span>
            withdrawn <RelativeTime at={withdrawnAt} what="withdrawn" />
          </span>
        ) : (
          <Act
            action={withdrawScimTokenAction}
            fields={{ tokenId: token.id }}
            pendingText="Withdrawing…"
            label={`Withdraw the token of ${name}`}
            refusals={directoryRefusals}
            confirm={{ title: `Withdraw the token of ${name}`, text: <p>The directory&apos;s next call is refused. People and teams stay as they are.</p> }}
          >
            Withdraw
          </Act>
        )
      }
      facts={
        <>
          <span>
            made by {createdBy} <RelativeTime at={createdAt} what="made" />
          </span>
          <span>
            {lastUsedAt ? (
              <>
                last used <RelativeTime at={lastUsedAt} what="last used" />
              </>
            ) : (
              "not used so far"
            )}
          </span>
        </>
      }
    />
  );
}
