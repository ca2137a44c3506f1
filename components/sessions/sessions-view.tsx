"use client";

import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState, useTransition } from "react";
import { useLive, useLiveState } from "@/components/live/live-events";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Button } from "@/components/ui/form/button";
import type { SessionsView as View, SessionView } from "@/lib/grants/views/sessions-types";
import { formatCapped, formatPlural } from "@/lib/platform/format";
import { SessionRow } from "./session-row";
import styles from "./sessions.module.css";
import { freshCount, newestOf, placesOf } from "./steady";

/** Refreshes at most this often, however much happens. */
const restMs = 1_000;

/**
 * Renders anew when something happens to a session: at most once a second, and never before the last rendering is there, so
 * that a slow server is not asked faster than it answers.
 */
function useLiveSessions(): void {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const [isDue, setDue] = useState(false);
  useLive(({ changes, missed }) => {
    if (missed || changes.some(({ type }) => type.startsWith("grant.") || type.startsWith("system."))) setDue(true);
  });
  useEffect(() => {
    if (!isDue || isPending) return;
    const timer = setTimeout(() => {
      setDue(false);
      startTransition(() => router.refresh());
    }, restMs);
    return () => clearTimeout(timer);
  }, [isDue, isPending, router]);
}

/** Sessions as they live and end. Rows change where they stand; new ones are announced. */
export function SessionsView({ view }: { view: View }) {
  useLiveSessions();
  const [seen, setSeen] = useState(view);
  const [newest, setNewest] = useState(() => newestOf(new Map(), view));
  const [places, setPlaces] = useState(() => placesOf(view));
  if (seen !== view) {
    setSeen(view);
    setNewest(newestOf(newest, view));
  }
  const fresh = freshCount(places, view);
  const rowsOf = (ids: readonly string[]) => ids.flatMap((id) => newest.get(id) ?? []);
  const ending = rowsOf(places.ending);
  const recent = rowsOf(places.recent);
  return (
    <>
      <Fresh count={fresh} show={() => setPlaces(placesOf(view))} />
      {ending.length > 0 ? (
        <Part title="Ending, not proven yet" count={formatCapped(view.endingTotal)} note="The longest first. None of them counts as ended until a second account has looked.">
          <Rows sessions={ending} view={view} isFollowed />
          {view.endingTotal.count > ending.length ? <p className={styles.more}>{formatCapped(view.endingTotal)} are not proven; the {ending.length} longest are shown.</p> : null}
        </Part>
      ) : null}
      <Part title="Live" count={formatCapped(view.live.total)} note="The soonest to end first." aside={<LiveMark />}>
        {places.live.length === 0 ? <NoneLive view={view} /> : <Rows sessions={rowsOf(places.live)} view={view} isFollowed />}
        <Pages view={view} />
      </Part>
      {recent.length > 0 ? (
        <Part title="Closed in the last 24 hours" note={view.seesEvidence ? <>All of them, with each event, are in the <Link prefetch={false} href={"/evidence?grant=proven" as Route}>evidence</Link>.</> : "Each is dead and shown to be, unless it says otherwise."}>
          <Rows sessions={recent} view={view} />
        </Part>
      ) : null}
    </>
  );
}

function Fresh({ count, show }: { count: number; show: () => void }) {
  return (
    <div role="status">
      {count > 0 ? (
        <p className={styles.fresh}>
          {formatPlural(count, "new session")}
          <Button size="small" onClick={show}>
            Show
          </Button>
        </p>
      ) : null}
    </div>
  );
}

type PartProps = { title: string; count?: string; note: ReactNode; aside?: ReactNode; children: ReactNode };

function Part({ title, count, note, aside, children }: PartProps) {
  return (
    <section className={styles.part} aria-label={title}>
      <header className={styles.partHead}>
        <h2 className={styles.partTitle}>
          {title} {count === undefined ? null : <span className={styles.count}>{count}</span>}
        </h2>
        <p className={styles.partNote}>{note}</p>
        {aside}
      </header>
      {children}
    </section>
  );
}

function Rows({ sessions, view, isFollowed = false }: { sessions: readonly SessionView[]; view: View; isFollowed?: boolean }) {
  return (
    <ul className={styles.rows}>
      {sessions.map((session) => (
        <SessionRow key={session.id} session={session} seesEvidence={view.seesEvidence} isFollowed={isFollowed} />
      ))}
    </ul>
  );
}

const liveWords = { open: "updates by itself", connecting: "connecting", lost: "reconnecting", "signed-out": "signed out" } as const;

function LiveMark() {
  const state = useLiveState();
  return (
    <span className={styles.live} data-live={state}>
      {liveWords[state]}
    </span>
  );
}

function NoneLive({ view }: { view: View }) {
  return (
    <EmptyState
      small
      title="No live sessions"
      why={
        view.seesAll
          ? "A session lives from the activation of an approved request until its end is proven. Nobody has one right now."
          : "A session lives from the activation of an approved request until its end is proven. None that you asked for, decided or answer for lives right now."
      }
    />
  );
}

function Pages({ view: { live } }: { view: View }) {
  if (!live.next && !live.previous) return null;
  return (
    <nav className={styles.pages} aria-label="Pages of live sessions">
      {live.previous ? <Link prefetch={false} href={`/sessions?before=${live.previous}` as Route}>Previous</Link> : null}
      {live.next ? <Link prefetch={false} href={`/sessions?after=${live.next}` as Route}>Next</Link> : null}
    </nav>
  );
}
