import { tableRoles } from "@/components/data-table/table-roles";
import { Section } from "@/components/ui/page/section";
import type { ChainView, GrantChain } from "@/lib/evidence/views/chain-types";
import { formatUtc } from "@/lib/platform/format";
import styles from "../chain.module.css";
import { type ScopeCell, scopeLines } from "./scopes";

/** What was asked for, what was granted and what of that was used, side by side; differences in words. */
export function Compared({ chain, grant }: { chain: ChainView; grant: GrantChain }) {
  const read = grant.givesReadAt ? ` What the entitlement gives was last read from the target ${formatUtc(grant.givesReadAt)}.` : "";
  return (
    <Section title="Asked, granted, used" note={`Connections are seen by looks: one between two of them may have gone unseen. What was reached is what logs tell.${read}`}>
      <table className={styles.compared} role="table" aria-label="Asked, granted, used">
        <thead {...tableRoles.group}>
          <tr {...tableRoles.row}>
            <th {...tableRoles.head} scope="col"><span className="visually-hidden">What</span></th>
            <th {...tableRoles.head} scope="col">Asked</th>
            <th {...tableRoles.head} scope="col">Granted</th>
            <th {...tableRoles.head} scope="col">Used, as far as is known</th>
          </tr>
        </thead>
        <tbody {...tableRoles.group}>
          {scopeLines(chain, grant).map(({ what, asked, granted, used }) => (
            <tr key={what} {...tableRoles.row}>
              <th {...tableRoles.cell} scope="row">{what}</th>
              <td {...tableRoles.cell} data-label="Asked"><Cell cell={asked} /></td>
              <td {...tableRoles.cell} data-label="Granted"><Cell cell={granted} /></td>
              <td {...tableRoles.cell} data-label="Used"><Cell cell={used} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Cell({ cell: { text, differs } }: { cell: ScopeCell }) {
  return (
    <span className={styles.scopeCell}>
      {text}
      {differs ? <em className={styles.differs}>{differs}</em> : null}
    </span>
  );
}
