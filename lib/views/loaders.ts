import "server-only";
import { loadWith } from "@/lib/auth/session";
import { readViews } from "./data";
import type { ViewList } from "./types";

/** The kept views of a list that this person may open. */
export function loadViews(list: ViewList) {
  return loadWith("identity:view", (actor) => readViews(actor.personId, list));
}
