"use client";

import { useActionState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Act, saidOf } from "@/components/ui/form/act";
import { TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { CodeBlock } from "@/components/ui/page/code-block";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { makeLogTokenAction, withdrawLogTokenAction } from "@/lib/checkpoints/actions";
import type { LogTokenView } from "@/lib/checkpoints/types";
import { idle } from "@/lib/platform/action-state";
import styles from "./checkpoints.module.css";
import { checkpointRefusals } from "./words";

type Props = { tokens: readonly LogTokenView[]; mayManage: boolean; url: string; vkey: string | null };

/** Who follows the ledger from outside, and how. */
export function Followers({ tokens, mayManage, url, vkey }: Props) {
  const command = `CURFEW_LOG_TOKEN=… npx curfew monitor ${url} --state ledger.json${vkey ? ` --key ${vkey}` : ""}`;
  return (
    <Section title="Followers" note="A monitor on another machine reads every event once and some of the old ones again and again. It alarms with the position when one was changed, deleted, inserted or moved. Events hold ids and hashes, no names.">
      <CodeBlock code={command} what="monitor command" />
      {tokens.length === 0 ? (
        <EmptyState small title="Nobody follows the ledger" why="A token lets a program read checkpoints and events, and nothing else." />
      ) : (
        <ListRows label="Tokens">
          {tokens.map((token) => (
            <Token key={token.id} token={token} mayManage={mayManage} />
          ))}
        </ListRows>
      )}
      {mayManage ? <NewToken /> : null}
    </Section>
  );
}

function Token({ token: { id, name, madeBy, madeAt, lastUsedAt }, mayManage }: { token: LogTokenView; mayManage: boolean }) {
  return (
    <ListRow
      head={<strong>{name}</strong>}
      end={
        mayManage ? (
          <Act
            action={withdrawLogTokenAction}
            fields={{ tokenId: id }}
            kind="danger"
            pendingText="Withdrawing…"
            label={`Withdraw ${name}`}
            refusals={checkpointRefusals}
            confirm={{ title: `Withdraw ${name}?`, text: "Whoever follows the ledger with it cannot read it any more." }}
          >
            Withdraw
          </Act>
        ) : null
      }
      facts={
        <>
          <span>made by {madeBy} <RelativeTime at={madeAt} what="made" /></span>
          <span>{lastUsedAt ? <>last used <RelativeTime at={lastUsedAt} what="last used" /></> : "not used yet"}</span>
        </>
      }
    />
  );
}

function NewToken() {
  const [state, submit, isPending] = useActionState(makeLogTokenAction, idle);
  const said = state.status === "invalid" ? null : saidOf(state, checkpointRefusals);
  return (
    <details className={styles.more}>
      <summary>Make a token</summary>
      <KeptForm submit={submit} className={styles.inline} label="Make a token">
        <TextField label="Who follows" name="name" maxLength={60} placeholder="Monitor of internal audit" autoComplete="off" errors={state.status === "invalid" ? state.fieldErrors["name"] : undefined} />
        <SaveButton pending={isPending} pendingText="Making…">Make token</SaveButton>
      </KeptForm>
      {said ? <Banner tone="trouble" live>{said}</Banner> : null}
      {state.status === "done" ? (
        <>
          <Banner live tone="warning">It is shown once: this page forgets it when you leave.</Banner>
          <CodeBlock code={state.value.token} what="token" />
        </>
      ) : null}
    </details>
  );
}
