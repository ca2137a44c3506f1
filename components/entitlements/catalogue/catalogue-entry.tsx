import Link from "next/link";
import type { Route } from "next";
import { Nobody, PersonName } from "@/components/ui/names/person-name";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { StateBadge } from "@/components/ui/truth/state-badge";
import type { CatalogueRow, HoldersView } from "@/lib/entitlements/types";
import { formatCapped, formatList, formatSeconds } from "@/lib/platform/format";
import { PrivilegeList } from "../privilege-list";
import styles from "./catalogue.module.css";
import { EditEntitlement } from "./edit-entitlement";

type EntryProps = {
  row: CatalogueRow;
  teams: readonly { readonly id: string; readonly name: string }[];
  mayDefine: boolean;
  isGrantable: boolean;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
  onSaid: (words: string) => void;
};

/** One entitlement: what it is, what it may be asked for, what it really allows, who holds it. */
export function CatalogueEntry({ row, teams, mayDefine, isGrantable, isChosen, onChoose, onSaid }: EntryProps) {
  return (
    <li className={styles.entry} data-chosen={isChosen || undefined}>
      {mayDefine ? (
        <input type="checkbox" className={styles.check} checked={isChosen} onChange={(event) => onChoose(event.currentTarget.checked)} aria-label={`Choose ${row.name}`} />
      ) : null}
      <div className={styles.body}>
        <div className={styles.head}>
          <strong>{row.name}</strong>
          {row.targetName && row.targetName !== row.name ? <code>{row.targetName}</code> : null}
          <SensitivityMark level={row.sensitivity} />
          {row.waitsFor ? <StateBadge tone="ending">to {row.waitsFor}: waits for a second administrator</StateBadge> : null}
        </div>
        <p className={styles.description}>{row.description}</p>
        <div className={styles.facts}>
          <span>
            resource of <Owner row={row} />
          </span>
          {row.isRequestable ? (
            <span>can be asked for, for {formatList([...row.purposes], "or")}</span>
          ) : (
            <span className={styles.never}>cannot be asked for{isGrantable && (row.purposes.length === 0 || (!row.resourceOwner && !row.resourceTeam)) ? ": needs a purpose and an owner" : ""}</span>
          )}
          {row.maxDurationSeconds ? <span>at most {formatSeconds(row.maxDurationSeconds)}</span> : null}
        </div>
        <div className={styles.facts}>
          <Holders what="standing" holders={row.standing} />
          <Holders what="by grant" holders={row.granted} />
        </div>
        <PrivilegeList privileges={row.privileges} readAt={row.privilegesReadAt} />
      </div>
      {mayDefine ? <EditEntitlement row={row} teams={teams} isGrantable={isGrantable} onSaid={onSaid} /> : null}
    </li>
  );
}

function Owner({ row: { resourceOwner, resourceTeam } }: { row: CatalogueRow }) {
  if (!resourceOwner && !resourceTeam) return <Nobody>nobody</Nobody>;
  return (
    <>
      {resourceTeam?.name}
      {resourceOwner && resourceTeam ? ", " : ""}
      {resourceOwner ? <PersonName person={resourceOwner} /> : null}
    </>
  );
}

function Holders({ what, holders }: { what: "standing" | "by grant"; holders: HoldersView }) {
  const { count, isCapped, names } = holders;
  if (count === 0) return <span className={styles.never}>nobody holds it {what}</span>;
  return (
    <span>
      held {what} by{" "}
      {names.map(({ id, name, hasException }, index) => (
        <span key={id}>
          {index > 0 ? ", " : ""}
          <Link prefetch={false} href={`/identities/${id}` as Route}>{name}</Link>
          {hasException ? " (by exception)" : ""}
        </span>
      ))}
      {count > names.length ? ` and ${formatCapped({ count: count - names.length, capped: isCapped })} more` : ""}
    </span>
  );
}
