import { linkKeys, type LinkKey } from "@/lib/evidence/views/chain-types";
import type { EvidenceRow } from "@/lib/evidence/types";
import { formatUtc } from "@/lib/platform/format";
import styles from "./list.module.css";

const words = {
  asked: "asked",
  decided: "decided",
  issued: "issued",
  "first-use": "first use",
  "last-use": "last use",
  ended: "ended",
  proven: "proven dead",
} as const satisfies Record<LinkKey, string>;

function timesOf(row: EvidenceRow): Record<LinkKey, string | null> {
  // A request that lapsed undecided has a time of its lapse, and no decision.
  const isUndecided = row.state === "lapsed" && row.grantState === null;
  const decidedAt = row.state === "refused" ? row.askedAt : isUndecided ? null : row.decidedAt;
  return { asked: row.askedAt, decided: decidedAt, issued: row.issuedAt, "first-use": row.firstUseAt, "last-use": row.lastUseAt, ended: row.endedAt, proven: row.provenAt };
}

/** The seven links of a row at a glance: filled where reached, hollow where not, red where an end is not proven. */
export function ChainDots({ row, isTrouble }: { row: EvidenceRow; isTrouble: boolean }) {
  const times = timesOf(row);
  const reached = linkKeys.filter((key) => times[key] !== null);
  return (
    <span className={styles.dots} role="img" aria-label={`${reached.length} of 7 links: ${reached.map((key) => words[key]).join(", ")}`}>
      {linkKeys.map((key) => {
        const at = times[key];
        return (
          <span key={key} className={styles.dot} data-on={at !== null || undefined} data-trouble={(isTrouble && key === "proven") || undefined} title={at === null ? `${words[key]}: not reached` : `${words[key]} ${formatUtc(at)}`} />
        );
      })}
    </span>
  );
}
