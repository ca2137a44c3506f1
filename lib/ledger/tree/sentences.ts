import { formatPlural, formatUtc } from "@/lib/platform/format";
import type { Sentences } from "../sentences";
import type { logEvents } from "./events";

const places = { file: "a file", mail: "a mailbox", url: "an address", witness: "a witness", timestamp: "a timestamp authority" } as const;
const occasions = { daily: "as every day", export: "after an export", asked: "because somebody asked" } as const;
const words = (code: string) => code.replaceAll("-", " ");

/** Sentences of the ledger's keys and checkpoints, of who follows it, and of what is erased beside it. */
export const logSentences: Pick<Sentences, keyof typeof logEvents> = {
  "ledger.key-announced": ({ purpose, keyId, replaces }) =>
    `A new key ${keyId} signs ${purpose === "log" ? "checkpoints of the ledger" : "exports"}${replaces ? `; it takes the place of ${replaces}` : ""}.`,
  "ledger.checked": ({ size, fault, position }) =>
    fault === null ? `The whole ledger was read: ${formatPlural(size, "event")}, all as signed.` : `The whole ledger was read: at position ${position ?? "?"} it is not as signed (${words(fault)}).`,
  "checkpoint.place-made": ({ kind }, say) => `${say.actor} had checkpoints taken to ${places[kind]}.`,
  "checkpoint.place-removed": (_data, say) => `${say.actor} had checkpoints taken to one place less.`,
  "checkpoint.sent": ({ kind, size, occasion }) => `The checkpoint of ${formatPlural(size, "event")} was taken to ${places[kind]}, ${occasions[occasion]}.`,
  "checkpoint.not-sent": ({ kind, size, code }) => `The checkpoint of ${formatPlural(size, "event")} could not be taken to ${places[kind]}: ${words(code)}.`,
  "log.token-made": (_data, say) => `${say.actor} made a token to follow the ledger with.`,
  "log.token-withdrawn": (_data, say) => `${say.actor} withdrew a token to follow the ledger with.`,
  "retention.changed": ({ toDays }, say) =>
    toDays === null ? `${say.actor} let names and free text be kept for ever.` : `${say.actor} let names and free text be erased after ${formatPlural(toDays, "day")}.`,
  "retention.erased": ({ values, before }) => `${formatPlural(values, "name or text", "names and texts")} from before ${formatUtc(before)} were erased; the events stay.`,
  "retention.hold-made": ({ everything }, say) => `${say.actor} put ${everything ? "everything" : "names and texts"} on hold: nothing of it is erased.`,
  "retention.hold-lifted": (_data, say) => `${say.actor} lifted a hold.`,
  "retention.forgetting-asked": ({ personId }, say) => `${say.actor} had ${say.name("person", personId)} forgotten; the worker erases it.`,
  "retention.forgetting-stopped": ({ personId, values, elsewhere }, say) =>
    `Forgetting ${say.name("person", personId)} stopped at a hold: ${values + elsewhere === 0 ? "nothing was erased" : `${formatPlural(values + elsewhere, "name or text", "names and texts")} were erased before`}.`,
  "retention.person-forgotten": ({ personId, values, elsewhere = {} }, say) => {
    const others = Object.values(elsewhere).reduce((sum, one) => sum + one, 0);
    return `${say.name("person", personId)} was forgotten: ${formatPlural(values, "name or text", "names and texts")} beside events and ${formatPlural(others, "text")} elsewhere were erased; the events stay.`;
  },
};
