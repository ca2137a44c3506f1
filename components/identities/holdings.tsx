import Link from "next/link";
import type { Route } from "next";
import { EndException } from "@/components/exceptions/end-exception";
import { ExceptionDialog } from "@/components/exceptions/exception-dialog";
import { ExceptionNote } from "@/components/exceptions/exception-note";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { PlainTable } from "@/components/ui/page/plain-table";
import { Section } from "@/components/ui/page/section";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { HoldingView, PartPage } from "@/lib/identities/views/detail-types";
import styles from "./identities.module.css";
import { LastUse } from "./last-use";
import { PartPages } from "./part-pages";

type HoldingsProps = { identity: { readonly id: string; readonly name: string }; holdings: PartPage<HoldingView> | null; mayExcept: boolean; maySeeSystems: boolean };

/** What an identity holds: standing (there all the time) and granted (ends by itself), used and merely entitled. */
export function Holdings({ identity, holdings, mayExcept, maySeeSystems }: HoldingsProps) {
  if (holdings === null) {
    return (
      <Section title={<span id="holds">What it holds</span>}>
        <EmptyState small title="Not shown to you" why="What an identity can reach is open to those who answer for it, to auditors and to administrators." />
      </Section>
    );
  }
  const { rows } = holdings;
  return (
    <Section title={<span id="holds">What it holds</span>} note="Standing is there all the time; granted ends by itself. A standing one that nobody answers for is a side door.">
      {rows.length === 0 ? (
        <EmptyState small title="Nothing that Curfew knows" why="It holds no entitlement on a connected system right now." />
      ) : (
        <PlainTable label="What it holds" head={["Entitlement", "System", "Sensitivity", "Held", "Last use"]}>
          {rows.map((row) => (
            <HoldingRow key={row.id} row={row} identity={identity.name} mayExcept={mayExcept} maySeeSystems={maySeeSystems} />
          ))}
        </PlainTable>
      )}
      <PartPages identityId={identity.id} part="holds" label="Pages of what it holds" page={holdings} more="The next 50" />
    </Section>
  );
}

type RowProps = { row: HoldingView; identity: string; mayExcept: boolean; maySeeSystems: boolean };

function HoldingRow({ row, identity, mayExcept, maySeeSystems }: RowProps) {
  const { entitlement, system, path, requestId, exception } = row;
  return (
    <tr>
      <td className={styles.what}>
        <strong>{entitlement.name}</strong>
        <div className={styles.small}>{row.description}</div>
        {path.length > 1 ? (
          <div className={styles.small}>
            by way of <code>{path.join(" → ")}</code>
          </div>
        ) : null}
        {exception ? <ExceptionNote exception={exception} /> : null}
      </td>
      <td className={styles.name}>{maySeeSystems ? <Link prefetch={false} href={`/systems/${system.id}` as Route}>{system.name}</Link> : system.name}</td>
      <td>
        <SensitivityMark level={row.sensitivity} />
      </td>
      <td>
        <HowHeld row={row} />
        {row.kind === "standing" && mayExcept ? (
          <div className={styles.buttons}>
            <ExceptionDialog assignmentId={row.id} entitlement={entitlement.name} identity={identity} current={exception} latestEnd={row.latestEnd} />
            {exception ? <EndException exceptionId={exception.id} entitlement={entitlement.name} /> : null}
          </div>
        ) : null}
        {requestId ? (
          <div>
            <Link prefetch={false} href={`/requests/${requestId}` as Route}>its request</Link>
          </div>
        ) : null}
      </td>
      <td>
        <LastUse at={row.lastUsedAt} visibleSince={row.visibleSince} />
      </td>
    </tr>
  );
}

function HowHeld({ row }: { row: HoldingView }) {
  if (row.kind === "granted") return <StateWord tone="live">granted</StateWord>;
  if (row.exception) return <span className={styles.standing}>standing, by exception</span>;
  if (row.isCurfews) return <span className={styles.standing} title="Curfew's own account: its system's page says what it needs it for">standing, Curfew&apos;s own</span>;
  return (
    <StateBadge tone="caution" title="It is there all the time, and nobody answers for it">
      side door
    </StateBadge>
  );
}
