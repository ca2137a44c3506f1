import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ButtonLink } from "@/components/ui/form/button";
import { PageHead } from "@/components/ui/page/page-head";
import { Section } from "@/components/ui/page/section";
import type { EmergenciesView, GlassRow } from "@/lib/break-glass/views/types";
import styles from "./break-glass.module.css";
import { GlassLine } from "./glass-row";

/** What lives, what waits, what is owed, and what was. */
export function Emergencies({ view, readiness }: { view: EmergenciesView; readiness: ReactNode }) {
  const action = view.mayUse ? (
    <ButtonLink kind="danger" href={"/break-glass/new" as Route}>
      Break the glass
    </ButtonLink>
  ) : undefined;
  const nothing = view.live.length + view.waiting.length + view.owed.length + view.past.length === 0;
  return (
    <>
      <PageHead title="Break-glass" sentence="Access first, in an emergency only; loud while it lives, and reviewed by somebody else afterwards." action={action} />
      {nothing ? (
        <EmptyState title="No emergencies" why="Nobody whom you may know of has taken access without asking first. When somebody does, it stands here in red until its use is reviewed." />
      ) : null}
      <Part title="Live now" rows={view.live} />
      <Part title="Waits for a second person" rows={view.waiting} />
      <Part title="Owed: not reviewed yet" rows={view.owed} />
      <Part title="Over" rows={view.past} />
      {view.after ? (
        <p>
          <Link prefetch={false} href={`/break-glass?before=${view.after}` as Route}>Earlier ones</Link>
        </p>
      ) : null}
      {readiness}
    </>
  );
}

/** On the overview: emergencies that wait, or whose use nobody has reviewed. */
export function OwedEmergencies({ owed }: { owed: readonly GlassRow[] }) {
  return <Part title="Emergencies: waiting, or not reviewed yet" rows={owed} />;
}

function Part({ title, rows }: { title: string; rows: readonly GlassRow[] }) {
  if (rows.length === 0) return null;
  return (
    <Section title={title}>
      <ul className={styles.rows}>
        {rows.map((glass) => (
          <GlassLine key={glass.id} glass={glass} />
        ))}
      </ul>
    </Section>
  );
}
