import type { Route } from "next";
import Link from "next/link";
import { PlainTable } from "@/components/ui/page/plain-table";
import { ExactTime } from "@/components/ui/time/duration";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { SealView } from "@/lib/evidence/views/chain-types";
import { formatPlural } from "@/lib/platform/format";
import { sealMarks, sealText, sourceText } from "./seal-words";
import styles from "./chain.module.css";

/** Whether everything that belongs to the chain has been reported, and by each source how far. */
export function Seal({ seal, maySeeSources }: { seal: SealView | null; maySeeSources: boolean }) {
  if (!seal) {
    return (
      <section className={styles.seal} aria-label="Completeness">
        <p className={styles.quiet}>Nobody has looked yet at whether all of it has been reported.</p>
      </section>
    );
  }
  const { tone, word } = sealMarks[seal.state];
  const Mark = seal.state === "broken" ? StateBadge : StateWord;
  return (
    <section className={styles.seal} aria-label="Completeness">
      <p className={styles.sealLine}>
        <Mark tone={tone}>{word}</Mark> <span>{sealText(seal)}</span>
      </p>
      {seal.sources.length > 0 ? (
        <details className={styles.more} open={seal.state === "open" || seal.state === "unknowable" || seal.state === "broken"}>
          <summary>{formatPlural(seal.sources.length, "source")} of uses, and how far each has reported</summary>
          <PlainTable label="Sources of uses" head={["Source", "So it", "Reported up to", "Needed up to"]}>
            {seal.sources.map((source) => (
              <tr key={source.id}>
                <td>
                  {maySeeSources ? <Link prefetch={false} href={`/evidence/sources/${source.id}` as Route}>{source.name}</Link> : source.name}
                  <div className={styles.quiet}>{source.kind === "log" ? "a log" : "looks now and then"}, {source.system}</div>
                </td>
                <td className={source.state === "late" || source.state === "silent" ? styles.late : undefined}>{sourceText(source)}</td>
                <td>{source.watermark ? <ExactTime at={source.watermark} /> : "never said"}</td>
                <td>{source.neededAt ? <ExactTime at={source.neededAt} /> : "not over yet"}</td>
              </tr>
            ))}
          </PlainTable>
        </details>
      ) : null}
    </section>
  );
}
