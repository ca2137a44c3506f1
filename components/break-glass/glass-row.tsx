import type { Route } from "next";
import Link from "next/link";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { sayFlags, verdictWords } from "@/lib/break-glass/words";
import type { GlassRow } from "@/lib/break-glass/views/types";
import styles from "./break-glass.module.css";

const stateWords = { waiting: "waits for a second person", open: "open", declined: "declined", withdrawn: "taken back", superseded: "not needed" } as const;

/** One emergency in a list: who took what for whom, and how it stands. */
export function GlassLine({ glass }: { glass: GlassRow }) {
  const tone = glass.isLive || glass.state === "waiting" ? "live" : glass.debt?.closedAt === null ? "owed" : undefined;
  return (
    <li className={styles.row} data-tone={tone}>
      <span className={styles.lead}>
        <Link prefetch={false} href={`/break-glass/${glass.id}` as Route} className={styles.title}>
          {glass.person.name}: {glass.entitlement} on {glass.system} for {glass.identity.name}
        </Link>
        <span className={styles.quiet}>
          Break-glass {glass.number} · {glass.incident} · <RelativeTime at={glass.askedAt} what="asked" />
          {glass.flags.length > 0 ? ` · ${sayFlags(glass.flags).join(" · ")}` : ""}
        </span>
      </span>
      <span className={styles.side}>
        <Standing glass={glass} />
      </span>
    </li>
  );
}

function Standing({ glass }: { glass: GlassRow }) {
  const { debt } = glass;
  if (glass.state === "waiting" && glass.secondDueAt) {
    return (
      <span className={styles.bad}>
        runs alone <RelativeTime at={glass.secondDueAt} what="runs alone" />
      </span>
    );
  }
  if (glass.isLive) return <span className={styles.bad}>live{glass.notAfter ? <>, ends <RelativeTime at={glass.notAfter} what="ends" /></> : ", credential not made yet"}</span>;
  if (!debt) return <span>{stateWords[glass.state]}</span>;
  if (debt.closedAt === null) {
    return (
      <span className={styles.bad}>
        {debt.overdueAt ? "review overdue since " : "review due "}
        <RelativeTime at={debt.dueAt} what="due" bare={debt.overdueAt !== null} />
        {debt.size > 1 ? ` · debt of ${debt.size}` : ""}
      </span>
    );
  }
  return (
    <span>
      {debt.verdict ? verdictWords[debt.verdict].toLowerCase() : "reviewed"} by {debt.closedBy ?? "somebody"}, <RelativeTime at={debt.closedAt} what="closed" />
    </span>
  );
}
