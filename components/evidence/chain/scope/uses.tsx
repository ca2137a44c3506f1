import { matchWords } from "@/components/uses/words";
import { UsedScopeTable } from "@/components/uses/used-scope";
import { PlainTable } from "@/components/ui/page/plain-table";
import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { clockText } from "@/lib/evidence/rules";
import type { GrantChain, UseView } from "@/lib/evidence/views/chain-types";
import { matchQualities } from "@/lib/uses/types";
import { formatList, formatPlural } from "@/lib/platform/format";
import styles from "../chain.module.css";

/** What is said where no use is known: silence of a log says something, silence of looks does not. */
function noneText({ noUse }: GrantChain): string {
  switch (noUse?.say) {
    case "not-used":
      return `Not used: “${noUse.source}” has reported all of its time and tells of nothing.`;
    case "open":
      return `Not seen so far. “${noUse.source}” has not reported all of its time yet, so that nothing more can be said.`;
    case "not-seen":
    case undefined:
      return "Not seen. Only looks now and then report here: a use between two of them goes unseen, so that “not used” cannot be said.";
  }
}

/** The uses of a session: each with the source that tells of it, how sure it is that it was this session, and by what. */
export function Uses({ grant }: { grant: GrantChain }) {
  if (grant.activatedAt === null) return null;
  const { uses, usesTotal, scope, observedAt } = grant;
  return (
    <Section
      title="Uses"
      note={
        <>
          {usesTotal > uses.length ? `The newest ${uses.length} of ${formatPlural(usesTotal, "use")}; the export holds the counts of all. ` : ""}
          {observedAt ? <>Last look at its connections <RelativeTime at={observedAt} what="last look" />.</> : "Nobody has looked at its connections."}
        </>
      }
    >
      {uses.length === 0 ? <p>{noneText(grant)}</p> : (
        <PlainTable label="Uses" head={["When", "What", "By", "Told by", "Match"]}>
          {uses.map((use) => <UseRow key={use.id} use={use} />)}
        </PlainTable>
      )}
      {uses.length > 0 ? <p className={styles.quiet}>Match: {formatList(matchQualities.filter((quality) => uses.some(({ match }) => match === quality)).map((quality) => matchWords[quality]), "or")}.</p> : null}
      {scope && scope.total > 0 ? (
        <details className={styles.more}>
          <summary>{formatPlural(scope.total, "use")} in logs: what was reached</summary>
          <UsedScopeTable scope={scope} label="What was reached" />
        </details>
      ) : null}
    </Section>
  );
}

function UseRow({ use }: { use: UseView }) {
  const { kind, action, objects, outcome, principal, clientAddress, source, match, rule, isLate, startedAt, lastSeenAt, endedAt } = use;
  const clock = clockText({ of: "source", name: source.name, offsetMs: source.offsetMs });
  return (
    <tr>
      <td className={styles.useWhen}>
        <ExactTime at={startedAt} />
        {lastSeenAt === startedAt ? null : <div className={styles.quiet}>to <ExactTime at={lastSeenAt} />{endedAt ? "" : ", not seen to end"}</div>}
      </td>
      <td className={styles.useWhat}>
        {action ?? kind}{objects.length > 0 ? ` ${formatList(objects.slice(0, 5))}` : ""}{objects.length > 5 ? ` and ${objects.length - 5} more` : ""}
        {outcome === "allowed" ? null : <div className={styles.unknown}>{outcome}</div>}
      </td>
      <td className={styles.useBy}>
        {principal ?? "not said"}
        {clientAddress ? <div className={styles.quiet}>from {clientAddress}</div> : null}
      </td>
      <td>
        {source.kind === "log" ? "log" : "looks"} “{source.name}”
        <div className={styles.quiet}>{clock}</div>
        {isLate ? <div className={styles.unknown}>came later than it had said it could</div> : null}
      </td>
      <td>
        {match}
        {rule ? <div className={styles.quiet}>by {rule.replaceAll("-", " ")}</div> : null}
      </td>
    </tr>
  );
}
