import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { EventType } from "@/lib/ledger/events";
import { readEventsAbout, type StoredEvent } from "@/lib/ledger/read";
import { formatList, formatSeconds } from "@/lib/platform/format";
import type { ActivityView, BoundsView } from "./types";

/** Lines of a request's activity; the evidence has all of them. */
const most = 300;

type Shown = Extract<EventType, `request.${string}` | `grant.${string}`>;
type Values = {
  readonly text: (key: string) => string;
  readonly seconds: (key: string) => string;
  readonly words: (key: string) => string;
  /** Names of people that the event lists by id under a key. */
  readonly names: (key: string) => string;
  readonly bound: (key: string) => Bound | null;
};

/** A bound before and after it was narrowed; null is no bound. */
type Bound = z.output<typeof boundSchema>;
const boundSchema = z.object({ from: z.number().nullable(), to: z.number().nullable() });

/** What each kind of event says here, after the name of who did it; null leaves it out. */
const sentences: Readonly<Record<Shown, ((values: Values) => string) | null>> = {
  "request.submitted": ({ seconds }) => `asked for it for ${seconds("durationSeconds")}`,
  "request.commented": ({ text }) => ({ question: "asked a question", answer: "answered a question" }[text("kind")] ?? "wrote a comment"),
  "request.refused": ({ words }) => `was refused: ${words("code")}`,
  "request.voted": ({ text, seconds }) => (text("answer") === "deny" ? "voted to deny it" : `voted to approve it for ${seconds("durationSeconds")}`),
  "request.vote-refused": ({ text, words }) => `tried to ${text("answer")} it; the vote did not count: ${words("code")}`,
  "request.votes-voided": ({ names }) => `saw policy ask for passkeys: the approvals of ${names("people")} are asked again`,
  "request.narrowed": sayNarrowed,
  "request.rerouted": sayRerouted,
  "request.reminded": ({ text }) => `reminded ${text("waitingFor")} who are asked`,
  "request.escalated": ({ text, names }) =>
    `${text("why") === "time-over" ? "saw the time of a stage end" : "found nobody left to decide a stage"}, and ${names("added") ? `asks ${names("added")}, too` : "found nobody else to ask"}`,
  "request.unroutable": () => "found nobody left who can decide it: an administrator can appoint somebody",
  "request.routable-again": () => "found somebody who can decide it again",
  "request.approved": ({ text }) => (text("automatically") === "true" ? "had it approved at once, by policy" : "completed the approval"),
  "request.denied": () => "ended it with the denial",
  "request.withdrawn": () => "withdrew it",
  "request.lapsed": ({ words }) => `let it lapse: ${words("why")}`,
  "request.requester-left": () => "ended it: whoever asked has left",
  "grant.ready": null,
  "grant.activation-refused": ({ words }) => `could not activate it: ${words("code")}`,
  "grant.issuing": () => "asked the target to issue it",
  "grant.active": () => "got the credential",
  "grant.failed": ({ words }) => `saw that it was not issued: ${words("code")}`,
  "grant.lapsed": () => "let the grant lapse: it was not activated",
  "grant.first-used": () => "saw it used for the first time",
  "grant.used": null,
  "grant.ending": ({ words }) => `asked for its end: ${words("reason")}`,
  "grant.end-failed": ({ text, words }) => `could not end it yet, try ${text("attempt")}: ${words("code")}`,
  "grant.stuck": ({ words }) => `gave the end up as stuck and told its people: ${words("code")}`,
  "grant.accepted": ({ text }) => `saw the target take the end${text("sessionsCut") === "0" ? "" : `, ${text("sessionsCut")} connections cut`}`,
  "grant.proven": ({ text }) => `proved it dead, seen by ${text("seenBy")}`,
  "grant.not-provable": () => "cannot prove its end: the target offers no way to look",
  "grant.expired-unproven": () => "closed it as expired and never proven",
  "grant.not-rechecked": () => "could not ask policy about it; it lives on",
};

const troubles: readonly string[] = ["request.unroutable", "request.refused", "request.vote-refused", "grant.activation-refused", "grant.failed", "grant.end-failed", "grant.stuck", "grant.not-provable", "grant.expired-unproven"];

function isShown(type: string): type is Shown {
  return Object.hasOwn(sentences, type);
}

/** Names of people that a sentence lists; the rest is a number. */
const mostNamed = 4;

function sayNarrowed({ text, seconds, bound }: Values): string {
  const uses = bound("uses");
  const idle = bound("idle");
  const say = (value: number | null | undefined, words: (value: number) => string) => (typeof value === "number" ? words(value) : "no limit");
  const said = [
    text("fromSeconds") !== text("toSeconds") && `shortened it from ${seconds("fromSeconds")} to ${seconds("toSeconds")}`,
    uses && `lowered its uses from ${say(uses.from, String)} to ${say(uses.to, String)}`,
    idle && `lowered its time without use from ${say(idle.from, formatSeconds)} to ${say(idle.to, formatSeconds)}`,
  ].filter((part) => typeof part === "string");
  return said.length > 0 ? formatList(said) : "narrowed what is given";
}

function sayRerouted({ names }: Values): string {
  const said = [
    names("excluded") && `${names("excluded")} joined the asking side and cannot decide it`,
    names("added") && `asks ${names("added")} from now on`,
    names("removed") && `asks ${names("removed")} no longer`,
  ].filter(Boolean);
  return said.length > 0 ? `saw a change in who is asked: ${said.join("; ")}` : "saw a change in who is asked";
}

const seatRow = z.object({ personId: z.string() }).transform(({ personId }) => personId);
const listSchema = z.union([z.array(z.string()), z.object({ rows: z.array(z.union([z.string(), seatRow])) }).transform(({ rows }) => rows)]);

/** Ids of people that an event lists under a key. */
function listedIds(data: Readonly<Record<string, unknown>>, key: string): string[] {
  return [...new Set(listSchema.safeParse(data[key]).data ?? [])];
}

function valuesOf(data: Readonly<Record<string, unknown>>, known: ReadonlyMap<string, string>): Values {
  const text = (key: string) => String(data[key] ?? "null");
  const names = (key: string) => {
    const all = listedIds(data, key).map((id) => known.get(id) ?? "somebody who is erased");
    return formatList(all.length > mostNamed ? [...all.slice(0, mostNamed), `${all.length - mostNamed} more`] : all);
  };
  return { text, names, seconds: (key) => formatSeconds(Number(data[key])), words: (key) => text(key).replaceAll("-", " "), bound: (key) => boundSchema.safeParse(data[key]).data ?? null };
}

/** What happened to a request and its grants, the newest first, from the ledger; and what was asked before anybody narrowed it. */
export async function readActivity(requestId: string, left: BoundsView): Promise<{ readonly activity: ActivityView[]; readonly asked: BoundsView }> {
  const events = await readEventsAbout("request", requestId, most);
  return { activity: await linesOf(events), asked: { maxUses: firstOf(events, "uses", left.maxUses), idleSeconds: firstOf(events, "idle", left.idleSeconds) } };
}

/** A bound before its first narrowing; what is left where nobody narrowed it. */
function firstOf(events: readonly StoredEvent[], key: "uses" | "idle", left: number | null): number | null {
  const narrowed = events.flatMap(({ type, data }) => (type === "request.narrowed" ? (boundSchema.safeParse(data[key]).data ?? []) : []));
  return narrowed[0] === undefined ? left : narrowed[0].from;
}

async function linesOf(events: readonly StoredEvent[]): Promise<ActivityView[]> {
  const names = await namesOf(events);
  return events
    .flatMap((event) => {
      const say = isShown(event.type) ? sentences[event.type] : null;
      if (!say) return [];
      return [{
        key: String(event.eventId),
        at: event.at,
        who: event.actor.kind === "system" ? "Curfew" : (names.get(event.actor.id ?? "") ?? "somebody who is erased"),
        what: say(valuesOf(event.data, names)),
        trouble: troubles.includes(event.type),
      }];
    })
    .reverse();
}

async function namesOf(events: readonly StoredEvent[]): Promise<Map<string, string>> {
  const ids = (kind: string) => [...new Set(events.flatMap(({ actor }) => (actor.kind === kind && actor.id ? [actor.id] : [])))];
  const listed = events.flatMap(({ data }) => ["excluded", "added", "removed"].flatMap((key) => listedIds(data, key)));
  const [people, identities] = await Promise.all([
    db.person.findMany({ where: { id: { in: [...new Set([...ids("person"), ...listed])] } }, select: { id: true, name: true } }),
    db.identity.findMany({ where: { id: { in: ids("workload") } }, select: { id: true, name: true } }),
  ]);
  return new Map([...people, ...identities].map(({ id, name }) => [id, name]));
}
