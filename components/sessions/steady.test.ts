import { describe, expect, it } from "vitest";
import type { SessionsView, SessionView } from "@/lib/grants/views/sessions-types";
import { freshCount, newestOf, placesOf } from "./steady";

const row = (id: string, state: SessionView["state"] = "active") => ({ id, state }) as SessionView;
const view = (live: SessionView[], ending: SessionView[] = [], recent: SessionView[] = []): SessionsView => ({
  live: { rows: live, next: null, previous: null, total: { count: live.length, capped: false } },
  ending, endingTotal: { count: ending.length, capped: false }, recent, seesAll: true, seesEvidence: true,
});

describe("a steady list", () => {
  it("announces what came and leaves the places as they are", () => {
    const places = placesOf(view([row("a"), row("b")]));
    expect(freshCount(places, view([row("c"), row("a"), row("b")], [row("d", "ending")]))).toBe(2);
    expect(places.live).toEqual(["a", "b"]);
  });

  it("does not announce what only moved on", () => {
    const places = placesOf(view([row("a"), row("b")]));
    expect(freshCount(places, view([row("b")], [row("a", "ending")]))).toBe(0);
    expect(freshCount(places, view([row("b")], [], [row("a", "proven")]))).toBe(0);
  });

  it("shows the newest news of each, and keeps what is on no list any more", () => {
    const first = newestOf(new Map(), view([row("a"), row("b")]));
    const second = newestOf(first, view([row("b")], [row("a", "ending")]));
    expect(second.get("a")?.state).toBe("ending");
    expect(newestOf(second, view([])).get("a")?.state).toBe("ending");
  });
});
