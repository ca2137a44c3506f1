import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { LineProblem, LoggedUse } from "../types";

type Told = Pick<LoggedUse, "kind" | "key" | "at"> & Partial<LoggedUse>;

const mostObjects = 50;
const mostMarkers = 20;
const longestKey = 200;

/** A use with what its line says; the rest is what nothing is known of. */
export function useOf(told: Told): LoggedUse {
  const { objects = [], markers = [], issues = [], clientAddress = null } = told;
  return {
    principal: null, action: null, objectsBy: null, outcome: "allowed", statementHash: null, endsKey: null, endedAt: null, line: null,
    ...told,
    key: told.key.length > longestKey ? hashOf(told.key) : told.key,
    clientAddress: addressOf(clientAddress),
    objects: [...new Set(objects)].slice(0, mostObjects).map((object) => object.slice(0, 300)),
    markers: [...new Set(markers)].slice(0, mostMarkers),
    issues: [...new Set(issues)].slice(0, mostMarkers),
  };
}

/** An address, where it is one: logs say other things there too. */
export function addressOf(text: string | null): string | null {
  const bare = text?.replace(/^\[|\]$/g, "") ?? "";
  return isIP(bare) === 0 ? null : bare;
}

/** What a line without an id of its own is known by. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** One record of a log: its time, where it has one, and the uses that it tells of; or why it was not taken. */
export type RecordReading = { readonly at: Date | null; readonly uses: readonly LoggedUse[] } | { readonly rejected: LineProblem };
