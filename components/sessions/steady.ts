import type { SessionsView, SessionView } from "@/lib/grants/views/sessions-types";

/** Which sessions stand where on the page. It changes only when the reader asks for it: a list never jumps. */
export type Places = { readonly live: readonly string[]; readonly ending: readonly string[]; readonly recent: readonly string[] };

const idsOf = (rows: readonly SessionView[]) => rows.map(({ id }) => id);

/** The places as the server has them now. */
export function placesOf(view: SessionsView): Places {
  return { live: idsOf(view.live.rows), ending: idsOf(view.ending), recent: idsOf(view.recent) };
}

/** Every session by id, the newest news of each: one that is on no list any more is kept as it was last seen. */
export function newestOf(known: ReadonlyMap<string, SessionView>, view: SessionsView): Map<string, SessionView> {
  const all = [...view.recent, ...view.live.rows, ...view.ending];
  return new Map([...known, ...all.map((session) => [session.id, session] as const)]);
}

/** Sessions that came since the places were taken. Those that only moved on to another list are shown where they are. */
export function freshCount(places: Places, view: SessionsView): number {
  const shown = new Set([...places.live, ...places.ending, ...places.recent]);
  return [...view.live.rows, ...view.ending].filter(({ id }) => !shown.has(id)).length;
}
