import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { env } from "@/lib/platform/env";
import { listDeliveries, listInbox, readAddress, readPreferences, readTeamChoices, readWebhooks } from "./data";
import { deliveryListSchema, inboxListSchema } from "./schema";

type Parameters = Record<string, string | string[] | undefined>;

/** The page of one's own inbox that a URL asks for. */
export function loadInbox(parameters: Parameters) {
  return loadWith("inbox:view", async (actor) => {
    const query = inboxListSchema.parse(parameters);
    return { page: await listInbox(actor.personId, query), unreadOnly: query.show.includes("unread"), readAt: new Date().toISOString() };
  });
}

/** How one is told, and whether mail is sent at all. */
export function loadPreferences() {
  return loadWith("inbox:view", async (actor) => ({
    preferences: await readPreferences(actor.personId), address: await readAddress(actor.personId), isMailSent: env.mail !== null,
    timeZones: ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")],
  }));
}

/** Webhooks, and what was or is to be sent outside. */
export function loadWebhooks(parameters: Parameters) {
  return loadWith("webhook:view", async (actor) => {
    // What could not be delivered is what somebody must look at; the rest is one click away.
    const query = deliveryListSchema.parse({ state: "dead", ...parameters });
    const [webhooks, teams, page] = [await readWebhooks(), await readTeamChoices(), await listDeliveries(query)];
    return { webhooks, teams, page, sort: query.sort, mayManage: allows(actor.roles, "webhook:manage"), isMailSent: env.mail !== null };
  });
}
