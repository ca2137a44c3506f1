"use client";

import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import { type LiveChange, type LiveNews, liveState, type LiveState, onLiveNews, onLiveState } from "./live-client";

/**
 * Hears what changes while the component is shown: kinds and ids of events that this person may see, gathered for a quarter
 * of a second. After a lost connection `missed` is true and anything may have changed.
 */
export function useLive(onNews: (news: LiveNews) => void): void {
  const tell = useEffectEvent(onNews);
  useEffect(() => onLiveNews((news) => tell(news)), []);
}

/** Whether this page hears changes right now, for "live" and "reconnecting" marks. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(onLiveState, liveState, () => "connecting");
}

type LiveRefreshProps = {
  /** Refreshes only for changes about this, for example `{ request: "…" }`; without it for every change. */
  about?: Readonly<Record<string, string>>;
  /** Refreshes only for kinds that start with one of these, for example `["request.", "grant."]`. */
  kinds?: readonly string[];
};

function concerns(change: LiveChange, { about, kinds }: LiveRefreshProps): boolean {
  const isKind = kinds === undefined || kinds.some((kind) => change.type.startsWith(kind));
  const isAbout = about === undefined || Object.entries(about).some(([kind, id]) => change.subjects[kind] === id);
  return isKind && isAbout;
}

/**
 * Renders the page anew on the server when something it shows has changed. Not on a page that shows a secret once: a fresh
 * render would take it away.
 */
export function LiveRefresh(props: LiveRefreshProps) {
  const router = useRouter();
  useLive(({ changes, missed }) => {
    if (missed || changes.some((change) => concerns(change, props))) router.refresh();
  });
  return null;
}
