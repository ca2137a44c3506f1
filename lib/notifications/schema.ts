import * as z from "zod";
import { cursorText, manyOf, sortOf } from "@/lib/platform/list-query";
import { mailModes, noticeGroups, webhookFormats } from "./types";

const line = (longest: number) => z.string().trim().min(1, "Fill this in.").max(longest);

/** Input of "set up a webhook". */
export const newWebhookSchema = z
  .object({
    name: line(60),
    format: z.enum(webhookFormats),
    url: z.string().trim().max(2_000).refine((text) => isWebUrl(text), "A whole address, such as https://hooks.example.com/services/…, without user and password."),
    groups: z.array(z.enum(noticeGroups)).min(1, "Choose at least one."),
    teamId: z.union([z.literal("").transform(() => null), z.uuid()]),
    mayBeInside: z.literal("yes").optional().transform((answer) => answer === "yes"),
  })
  .refine(({ url, mayBeInside }) => mayBeInside || !url.startsWith("http:"), { path: ["url"], error: "Use https. Plain http is only spoken inside your network, and only if you say so below." });

/** A webhook as somebody filled it in. */
export type NewWebhook = z.output<typeof newWebhookSchema>;

function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return ["https:", "http:"].includes(url.protocol) && url.username === "" && url.password === "" && url.hash === "";
}

/** Input of what is done with one webhook. */
export const webhookIdSchema = z.object({ webhookId: z.uuid() });

/** Input of "send again". */
export const deliveryIdSchema = z.object({ deliveryId: z.uuid() });

/** Input of "mark as read". */
export const inboxItemSchema = z.object({ itemId: z.uuid() });

/** Input of "mark all as read": what came later than the page stays unread. */
export const readAllSchema = z.object({ until: z.iso.datetime() });

const minuteOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "A time such as 22:00.").transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
const wholeHour = z.string().regex(/^([0-9]|1[0-9]|2[0-3])$/).transform(Number);

/** Input of "how I am told". */
export const preferencesSchema = z.object({
  decisions: z.enum(mailModes),
  own: z.enum(mailModes),
  trouble: z.enum(mailModes),
  dailyHour: wholeHour,
  isQuiet: z.literal("yes").optional().transform((answer) => answer === "yes"),
  quietFrom: minuteOfDay,
  quietUntil: minuteOfDay,
  timeZone: z.string().max(60).refine((name) => name === "UTC" || Intl.supportedValuesOf("timeZone").includes(name), "Choose one of the offered entries."),
});

/** The URL of the inbox; whatever it says, it opens. */
export const inboxListSchema = z.object({
  show: manyOf(["unread"]),
  sort: sortOf(["told"], { key: "told", direction: "desc" }),
  after: cursorText(),
  before: cursorText(),
});
export type InboxQuery = z.output<typeof inboxListSchema>;

/** The URL of the list of deliveries. */
export const deliveryListSchema = z.object({
  state: manyOf(["waiting", "dead", "sent"]),
  sort: sortOf(["made"], { key: "made", direction: "desc" }),
  after: cursorText(),
  before: cursorText(),
});
export type DeliveryQuery = z.output<typeof deliveryListSchema>;
