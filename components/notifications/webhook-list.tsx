"use client";

import { Act } from "@/components/ui/form/act";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import { removeWebhookAction, resumeWebhookAction } from "@/lib/notifications/actions";
import type { WebhookView } from "@/lib/notifications/types";
import { formatList, formatPlural } from "@/lib/platform/format";
import { failureWords, formatNames, groupNames, webhookRefusals } from "./words";

/** Where notices are sent besides people, and how each receiver is. */
export function WebhookList({ webhooks, mayManage }: { webhooks: readonly WebhookView[]; mayManage: boolean }) {
  return (
    <Section title="Receivers" note="A chat channel or another program. A chat message has names and links only: deciding happens on the page.">
      {webhooks.length === 0 ? (
        <EmptyState small title="No webhook is set up" why="People are told in their inbox and by mail. A webhook tells a chat channel or another program as well." />
      ) : (
        <ListRows label="Receivers">
          {webhooks.map((webhook) => (
            <Receiver key={webhook.id} webhook={webhook} mayManage={mayManage} />
          ))}
        </ListRows>
      )}
    </Section>
  );
}

function Receiver({ webhook, mayManage }: { webhook: WebhookView; mayManage: boolean }) {
  const { id, name, format, host, groups, team, mayBeInside, madeBy, madeAt, stoppedAt, pausedUntil, failures, lastSentAt, lastFailure, waiting } = webhook;
  const isTroubled = stoppedAt !== null || pausedUntil !== null;
  return (
    <ListRow
      head={
        <>
          <strong>{name}</strong>
          {stoppedAt ? <StateBadge tone="stuck">stopped</StateBadge> : pausedUntil ? <StateBadge tone="caution">resting</StateBadge> : null}
        </>
      }
      end={
        mayManage ? (
          <>
            {isTroubled ? (
              <>
                <Act action={resumeWebhookAction} fields={{ webhookId: id }} pendingText="Trying…" label={`Try ${name} now`} refusals={webhookRefusals}>Try now</Act>{" "}
              </>
            ) : null}
            <Act
              action={removeWebhookAction}
              fields={{ webhookId: id }}
              kind="danger"
              pendingText="Removing…"
              label={`Remove ${name}`}
              refusals={webhookRefusals}
              confirm={{ title: `Remove ${name}?`, text: `Nothing is sent to ${host} any more${waiting > 0 ? `, and ${formatPlural(waiting, "message")} that wait are dropped` : ""}. Its address and secret are forgotten.` }}
            >
              Remove
            </Act>
          </>
        ) : null
      }
      facts={
        <>
          <span>{formatNames[format]} at {host}{mayBeInside ? ", inside the network" : ""}</span>
          <span>told about: {formatList(groups.map((group) => groupNames[group].toLowerCase()))}{team ? `, as far as ${team} is told` : ""}</span>
          <span>set up by {madeBy} <RelativeTime at={madeAt} what="set up" /></span>
          <span>{lastSentAt ? <>last sent <RelativeTime at={lastSentAt} what="last sent" /></> : "nothing sent yet"}</span>
          {waiting > 0 ? <span>{formatPlural(waiting, "message")} waiting</span> : null}
          {lastFailure ? <span>{formatPlural(failures, "failure")} in a row: {failureWords(lastFailure, null)}</span> : null}
          {pausedUntil && !stoppedAt ? <span>tried again <RelativeTime at={pausedUntil} what="tried again" /></span> : null}
        </>
      }
    />
  );
}
