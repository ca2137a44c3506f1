import { IconUrgent } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import type { GlassRow } from "@/lib/break-glass/views/types";
import styles from "./break-glass.module.css";

/** On every page while a glass is broken, for those who may know. */
export function BrokenBanner({ live }: { live: readonly GlassRow[] }) {
  const [first, ...others] = live;
  if (!first) return null;
  return (
    <aside className={styles.broken} aria-label="Break-glass">
      <IconUrgent size={18} aria-hidden />
      <span>
        Break-glass: {first.person.name} holds {first.entitlement} on {first.system} for {first.identity.name}
        {others.length > 0 ? `, and ${others.length} more` : ""}.
      </span>
      <Link prefetch={false} href={(others.length > 0 ? "/break-glass" : `/break-glass/${first.id}`) as Route}>{others.length > 0 ? "See all" : "See it"}</Link>
    </aside>
  );
}
