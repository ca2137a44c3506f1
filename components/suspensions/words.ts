import { formatList, formatUtc } from "@/lib/platform/format";
import type { SuspendRefusal, SuspensionKind, SuspensionObstacle, SuspensionState, SuspensionView, UndoRefusal } from "@/lib/suspensions/types";

const refusals = {
  "identity-unknown": "This identity is not known any more.",
  "identity-vanished": "Its system no longer knows it: there is nothing to suspend.",
  "already-open": "A suspension of it is under way already. Undo that one first.",
  "already-suspended": "It is marked as suspended and gets no new access, but no suspension by Curfew is open: Curfew has taken no sign-in from it.",
  "already-offboarded": "It is offboarded: its credentials are gone for good.",
  "no-credential": "No connected system knows a credential of it, so there is nothing to suspend.",
  "system-cannot": "Curfew cannot suspend anything on one of its systems.",
  "known-from-files": "Curfew knows it from files only and is not connected to its system, so it cannot take its sign-in away. Switch it off there; the next file shows it.",
  "target-denies": "Curfew's account on the target may not touch it.",
  "production-by-itself": "In production only a person suspends; nothing happens by itself.",
  "undo-time-needed": "A rehearsal needs a time at which it undoes itself.",
  "undo-time-not-ahead": "The time to undo it is over already.",
  "undo-time-too-far": "A rehearsal lasts 31 days at most. For longer, suspend it.",
  "not-permitted": "Only its owner, sponsor, backup and administrators may do that.",
} satisfies Record<SuspendRefusal, string>;

const undoRefusals = {
  "suspension-unknown": "This suspension is not known any more.",
  "already-removed": "Its credentials are removed for good; that cannot be undone.",
  "never-begun": "It never began, so there is nothing to undo.",
  "not-permitted": "Only its owner, sponsor, backup and administrators may do that.",
} satisfies Record<UndoRefusal, string>;

const own = (record: Readonly<Record<string, string>>, code: string) => (Object.hasOwn(record, code) ? record[code] : undefined);

/** Why something was refused, and what was kept. */
export function refusalWords(code: string): string {
  return own(refusals, code) ?? own(undoRefusals, code) ?? "That was refused. Nothing was changed.";
}

/** Why it cannot be suspended, with the statement that would change it where there is one. */
export function obstacleWords({ code, detail }: SuspensionObstacle): { text: string; statement: string | null } {
  if (code === "system-cannot" && detail?.["system"]) return { text: `Curfew cannot do that on ${detail["system"]}.`, statement: null };
  if (code === "known-from-files" && detail?.["system"]) return { text: outOfReachWords(detail["system"], detail["handle"]), statement: null };
  if (code !== "target-denies" || !detail?.["needs"]) return { text: refusalWords(code), statement: null };
  return { text: `${detail["handle"] ?? "It"} cannot be suspended by Curfew. An administrator of the target would run:`, statement: detail["needs"] };
}

function outOfReachWords(system: string, handle = "its credential"): string {
  return `Curfew knows ${system} from files only and is not connected to it, so it cannot take a sign-in away there, nor see one refused. Instead: let whoever runs ${system} switch ${handle} off there, and send the next file, which shows it. Or connect ${system}.`;
}

/** What a kind is called, as a noun. */
export const kindWords = { rehearsal: "Rehearsal", suspension: "Suspension", offboarding: "Offboarding" } satisfies Record<SuspensionKind, string>;

const states = {
  ordered: { word: "ordered", tone: "waiting" },
  accepted: { word: "taken, not proven yet", tone: "ending" },
  proven: { word: "proven", tone: "proven" },
  undoing: { word: "being undone", tone: "ending" },
  "undo-accepted": { word: "undone, not proven yet", tone: "ending" },
  undone: { word: "undone", tone: "proven" },
  stuck: { word: "stuck", tone: "stuck" },
  failed: { word: "never began", tone: "stuck" },
} as const satisfies Record<SuspensionState, { word: string; tone: string }>;

/** A suspension's state as the screen shows it. A proof that no longer holds is not shown as one. */
export function stateLook({ state, credentials }: Pick<SuspensionView, "state" | "credentials">) {
  return credentials.some(({ backAt }) => backAt !== null) ? undoneOutside : states[state];
}

const undoneOutside = { word: "undone outside Curfew", tone: "stuck" } as const;

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** What became of open connections, as far as the target said. */
export function connectionWords({ credentials, openConnections, acceptedAt }: SuspensionView): string {
  if (acceptedAt === null) return openConnections === "cut" ? "open connections are to be cut" : "open connections are to be left";
  const sum = (key: "connectionsCut" | "connectionsLeft") => credentials.reduce((total, each) => total + (each[key] ?? 0), 0);
  const left = sum("connectionsLeft");
  if (openConnections === "cut") return `${plural(sum("connectionsCut"), "open connection", "open connections")} cut`;
  return left === 0 ? "no connection was open" : `${plural(left, "open connection was", "open connections were")} left and can go on working`;
}

/** Facts that a reader must not miss: what was not changed, what was gone, what nobody can see. */
export function cautionsOf(suspension: SuspensionView): string[] {
  const { credentials, blindOn, closedAt } = suspension;
  const names = (which: (each: SuspensionView["credentials"][number]) => boolean) => credentials.filter(which).map(({ handle }) => handle);
  const before = names(({ changed, gone }) => changed === false && !gone);
  const gone = names((each) => each.gone);
  return [
    ...credentials.flatMap(({ handle, system, backAt }) => (backAt === null ? [] : [`${handle} can sign in on ${system} again: seen on ${formatUtc(backAt)}, and not given back by Curfew. The proof above was true when it was made. Find out who did it; to take the sign-in away anew, undo this and suspend it again.`])),
    ...(before.length > 0 ? [`${formatList(before)} could not sign in before either; the undo leaves that as it is.`] : []),
    ...(gone.length > 0 ? [`${formatList(gone)} was gone from the target already.`] : []),
    ...credentials.flatMap(({ handle, leftAsIs }) => (leftAsIs === null ? [] : [`${handle} was left as found: ${leftAsIs}.`])),
    ...(closedAt === null && suspension.kind !== "offboarding" ? blindOn.map(({ system, why }) => `Refused sign-ins cannot be seen on ${system}: ${why}.`) : []),
  ];
}
