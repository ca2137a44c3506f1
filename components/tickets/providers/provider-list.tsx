import type { Route } from "next";
import Link from "next/link";
import { Act } from "@/components/ui/form/act";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import { formatPlural } from "@/lib/platform/format";
import { setUnknownKeysAction } from "@/lib/tickets/actions";
import type { ProviderView } from "@/lib/tickets/types";
import styles from "../tickets.module.css";
import { providerKindWords } from "../words";

type ProviderListProps = { providers: readonly ProviderView[]; takesUnknown: boolean; mayManage: boolean };

/** Every ticket system with how it answers, and what becomes of keys that none of them knows. */
export function ProviderList({ providers, takesUnknown, mayManage }: ProviderListProps) {
  return (
    <>
      <div className={styles.systems}>
        <ListRows label="Ticket systems">
          {providers.map((provider) => (
            <ListRow key={provider.id} head={<Head provider={provider} mayManage={mayManage} />} facts={<Facts provider={provider} />}>
              <Health provider={provider} />
            </ListRow>
          ))}
        </ListRows>
      </div>
      <Section
        title="Keys that no ticket system knows"
        note={takesUnknown ? "They are kept as somebody named them, and checked by nobody." : "They are refused: a ticket is checked or does not count."}
        action={
          mayManage ? (
            <Act
              action={setUnknownKeysAction}
              fields={{ takesUnknown: takesUnknown ? "no" : "yes" }}
              pendingText="Saving…"
              label={takesUnknown ? "Refuse keys that no ticket system knows" : "Keep keys that no ticket system knows as named"}
              refusals={{}}
            >
              {takesUnknown ? "Refuse them" : "Keep them as named"}
            </Act>
          ) : null
        }
      >
        {null}
      </Section>
    </>
  );
}

function Head({ provider, mayManage }: { provider: ProviderView; mayManage: boolean }) {
  if (!mayManage || provider.kind === "local") return <>{provider.name}</>;
  return (
    <Link prefetch={false} href={`/tickets/providers/${provider.id}` as Route}>
      {provider.name}
    </Link>
  );
}

function Facts({ provider }: { provider: ProviderView }) {
  return (
    <>
      <span>{providerKindWords[provider.kind]}</span>
      {provider.baseUrl ? <span>{provider.baseUrl}</span> : null}
      <span>{formatPlural(provider.tickets, "ticket")} watched</span>
      {provider.deadComments > 0 ? <span>{formatPlural(provider.deadComments, "comment")} not written back</span> : null}
      {provider.webhookPath ? (
        <span>
          webhook to <code>{provider.webhookPath}</code>
        </span>
      ) : null}
    </>
  );
}

function Health({ provider }: { provider: ProviderView }) {
  if (!provider.isEnabled) return <StateWord tone="neutral">switched off</StateWord>;
  if (provider.downSince) {
    return (
      <p className={styles.why}>
        <StateBadge tone="stuck">down</StateBadge> since <RelativeTime at={provider.downSince} what="down since" />
        {provider.downReason ? ` (${provider.downReason})` : ""}. Requests that live on its tickets wait; it is asked again by itself.
      </p>
    );
  }
  return <StateWord tone="live">{provider.kind === "local" ? "always there" : "answers"}</StateWord>;
}
