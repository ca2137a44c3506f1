import { formatList, formatPlural, formatSeconds, formatUtc } from "@/lib/platform/format";
import type { EventType } from "./events";
import type { Sentences } from "./sentences";

type Emergency = Extract<EventType, `break-glass.${string}`>;

const words = (code: string) => code.replaceAll("-", " ");
const flagged = (flags: readonly string[]) => (flags.length === 0 ? "" : ` Flagged: ${formatList(flags.map(words))}.`);
const checks: Readonly<Record<string, string>> = {
  verified: "which its ticket system knows",
  unknown: "which the ticket system does not know",
  down: "while the ticket system did not answer",
  "not-connected": "with no ticket system to ask",
};
const incidentOf = (data: { readonly incident: string; readonly incidentCheck: string }) => `incident ${data.incident}, ${checks[data.incidentCheck] ?? words(data.incidentCheck)}`;
const ground = (basis: string) => (basis === "list" ? "by the list for the worst day" : "as policy allows");

/** Sentences of emergencies, their debts and what stands ready for the worst day. */
export const emergencySentences: Pick<Sentences, Emergency> = {
  "break-glass.asked": (data, say) => {
    const asked = data.secondAsked.map((id) => say.name("person", id));
    const second = data.secondDueAt === null ? "" : ` ${formatList(asked)} asked to be the second person; without an answer it runs alone at ${formatUtc(data.secondDueAt)}.`;
    return `${say.actor} broke the glass for ${formatSeconds(data.durationSeconds)}, ${ground(data.basis)}: ${incidentOf(data)}.${second}${flagged(data.flags)}`;
  },
  "break-glass.refused": (data, say) => `${say.actor} tried to use the emergency path; refused: ${words(data.code)}.`,
  "break-glass.second-answered": (data, say) => `${say.actor} ${data.answer === "confirm" ? "confirmed the emergency as second person" : "declined the emergency: nothing is given"}.`,
  "break-glass.second-unanswered": (data, say) => `No second person answered in time (asked: ${formatList(data.asked.map((id) => say.name("person", id)))}): it runs alone, and loud.`,
  "break-glass.opened": (data, say) => {
    const skipped = data.skipped.map((id) => say.name("person", id));
    return `The glass is broken: access for ${formatSeconds(data.durationSeconds)} without asking first. ${skipped.length === 0 ? "Nobody was passed over." : `Passed over: ${formatList(skipped)}.`}${flagged(data.flags)}`;
  },
  "break-glass.superseded": () => "The request was decided before the glass was broken: no emergency was needed.",
  "break-glass.withdrawn": (_data, say) => `${say.actor} took the emergency back before it gave anything.`,
  "break-glass.debt-opened": (data) => `A debt of size ${data.size} is owed: somebody off the asking side reviews the use until ${formatUtc(data.dueAt)}.`,
  "break-glass.debt-overdue": (data) => `Nobody has reviewed the use: the debt was due on ${formatUtc(data.dueAt)}.`,
  "break-glass.debt-closed": (data, say) => {
    const statements = data.statements === null ? "" : `, ${formatPlural(data.statements, "statement")}`;
    return `${say.actor} reviewed the use${data.isLate ? ", late" : ""} and closed the debt: ${words(data.verdict)}. Curfew had seen ${formatPlural(data.uses, "use")}${statements}.`;
  },
  "break-glass.debt-refused": (data, say) => `${say.actor} tried to close the debt; refused: ${words(data.code)}.`,
  "break-glass.listed": (data, say) => {
    const who = data.personId === null ? `whoever is on call for ${data.teamId === null ? "a team" : say.name("team", data.teamId)}` : say.name("person", data.personId);
    return `${say.actor} confirmed that ${who} may break this glass on a day on which policy or tickets cannot be asked, until ${formatUtc(data.until)}.`;
  },
  "break-glass.unlisted": (_data, say) => `${say.actor} ended an entry of the list for the worst day.`,
  "break-glass.drilled": (data, say) => {
    const failing = data.failing.map((id) => say.name("person", id));
    return `The nightly drill looked at ${formatPlural(data.checked, "person", "people")}. ${failing.length === 0 ? "All of them could break a glass." : `Not ready: ${formatList(failing)}.`}`;
  },
  "break-glass.seal-registered": (data, say) =>
    `${say.actor} registered a sealed credential kept outside Curfew; ${say.name("person", data.holderId)} holds the numbers of its seals. It is looked at every ${formatPlural(data.checkEveryDays, "day")}.`,
  "break-glass.seal-checked": (data, say) => `${say.actor} looked at the sealed credential: ${words(data.outcome)}.`,
  "break-glass.seal-overdue": (data) => `Nobody has looked at the sealed credential; a check was due on ${formatUtc(data.dueAt)}.`,
  "break-glass.seal-used": (data) => `The sealed credential signed in on ${formatUtc(data.usedAt)}, and nobody has explained it.`,
  "break-glass.seal-retired": (_data, say) => `${say.actor} retired the sealed credential.`,
};
