import type { ReactNode } from "react";
import { tableRoles } from "@/components/data-table/table-roles";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { UsedScopeTable } from "@/components/uses/used-scope";
import type { ChainView, GrantChain } from "@/lib/evidence/views/chain-types";
import { formatDuration, formatPlural, formatSeconds, formatUtc, toMilliseconds } from "@/lib/platform/format";
import styles from "./chain.module.css";

type Line = { readonly what: string; readonly asked: ReactNode; readonly granted: ReactNode; readonly used: ReactNode };

function span(from: string | null, to: string | null): string | null {
  return from === null || to === null ? null : formatDuration(toMilliseconds(to) - toMilliseconds(from));
}

function usedDuration({ activatedAt, endingAt, firstUseAt, lastUseAt }: GrantChain): string {
  const lived = span(activatedAt, endingAt);
  const seen = span(firstUseAt, lastUseAt);
  if (activatedAt === null) return "never issued";
  return [seen === null ? "no use seen" : `${seen} from first to last use seen`, lived === null ? "still live" : `lived ${lived}`].join(" · ");
}

function usedUses({ activatedAt, useCount, statementCount, observedAt }: GrantChain): string {
  if (activatedAt === null) return "never issued";
  if (observedAt === null && useCount === 0) return "not looked at";
  const counted = statementCount === null ? "" : ` · ${formatPlural(statementCount, "statement")} counted`;
  return `${useCount === 0 ? "no connection seen" : `${formatPlural(useCount, "connection")} seen`}${counted}`;
}

const limit = (maxUses: number | null) => (maxUses === null ? "no limit" : `at most ${formatPlural(maxUses, "use")}`);

function linesOf(chain: ChainView, grant: GrantChain): Line[] {
  const asked = chain.askedSeconds === null ? "—" : formatSeconds(chain.askedSeconds);
  const granted = grant.durationSeconds;
  const narrowed = chain.askedSeconds !== null && granted < chain.askedSeconds;
  const what = chain.entitlements.map(({ name, system }) => `${name} on ${system}`).join(", ") || "—";
  return [
    { what: "Entitlement", asked: what, granted: `${grant.entitlement} on ${grant.system}`, used: grant.activatedAt ? reachedText(grant.scope) : "never issued" },
    {
      what: "Duration",
      asked: narrowed ? <del>{asked}</del> : asked,
      granted: narrowed ? <ins>{formatSeconds(granted)}</ins> : formatSeconds(granted),
      used: usedDuration(grant),
    },
    { what: "Uses", asked: limit(chain.maxUses), granted: limit(grant.maxUses), used: usedUses(grant) },
    {
      what: "End",
      asked: "—",
      granted: grant.notAfter ? `at the latest ${formatUtc(grant.notAfter)}` : "—",
      used: grant.endingAt ? `ended ${formatUtc(grant.endingAt)}` : grant.activatedAt ? "not ended yet" : "—",
    },
  ];
}

/** The objects that logs tell of; connections name none but the database. */
function reachedText(scope: GrantChain["scope"]): string {
  const named = new Set((scope?.rows ?? []).flatMap(({ object, kind }) => (object === null || kind === "connection" ? [] : [object])));
  if (named.size === 0) return scope && scope.total > 0 ? "no log says which objects it touched" : "which objects it touched was not observed";
  const shown = [...named].slice(0, 5);
  return named.size > shown.length || scope?.hasMore ? `${shown.join(", ")} and more` : shown.join(", ");
}

/** What was asked for, what was granted and what was seen of it, side by side. */
export function Compared({ chain, grant }: { chain: ChainView; grant: GrantChain }) {
  return (
    <Section title="Asked, granted, used" note="Connections are seen by polling: one between two looks may have gone unseen. What was reached is what logs tell.">
      <table className={styles.compared} role="table" aria-label="Asked, granted, used">
        <thead {...tableRoles.group}>
          <tr {...tableRoles.row}>
            <th {...tableRoles.head} scope="col"><span className="visually-hidden">What</span></th>
            <th {...tableRoles.head} scope="col">Asked</th>
            <th {...tableRoles.head} scope="col">Granted</th>
            <th {...tableRoles.head} scope="col">Used, as far as seen</th>
          </tr>
        </thead>
        <tbody {...tableRoles.group}>
          {linesOf(chain, grant).map(({ what, asked, granted, used }) => (
            <tr key={what} {...tableRoles.row}>
              <th {...tableRoles.cell} scope="row">{what}</th>
              <td {...tableRoles.cell} data-label="Asked">{asked}</td>
              <td {...tableRoles.cell} data-label="Granted">{granted}</td>
              <td {...tableRoles.cell} data-label="Used">{used}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {grant.scope && grant.scope.total > 0 ? <Scope scope={grant.scope} /> : null}
      {grant.uses.length > 0 ? <Uses grant={grant} /> : null}
    </Section>
  );
}

function Scope({ scope }: { scope: NonNullable<GrantChain["scope"]> }) {
  return (
    <details className={styles.more}>
      <summary>{formatPlural(scope.total, "use")} in logs: what was reached</summary>
      <UsedScopeTable scope={scope} label="What was reached" />
    </details>
  );
}

function Uses({ grant }: { grant: GrantChain }) {
  return (
    <details className={styles.more}>
      <summary>{grant.uses.length < grant.useCount ? `The newest ${grant.uses.length} of ${formatPlural(grant.useCount, "connection")} seen` : `${formatPlural(grant.uses.length, "connection")} seen`}</summary>
      <ul className={styles.uses}>
        {grant.uses.map((use) => (
          <li key={use.id}>
            {formatUtc(use.startedAt)} to {formatUtc(use.lastSeenAt)}
            {use.clientAddress ? ` from ${use.clientAddress}` : ""}
            <span className={styles.quiet}> · {use.kind}, matched {use.match} · by {use.source}{use.endedAt ? "" : " · still open at the last look"}</span>
          </li>
        ))}
      </ul>
      {grant.observedAt ? <p className={styles.quiet}>Last look <RelativeTime at={grant.observedAt} what="last look" />.</p> : null}
    </details>
  );
}
