import type { ProviderKind } from "../types";
import type { TicketProvider } from "./contract";
import { github } from "./github";
import { jiraCloud, jiraDataCenter } from "./jira";
import { redmine } from "./redmine";
import { requestTracker } from "./request-tracker";
import { servicenow } from "./servicenow";

/** Every ticket system outside, in one place; the register inside is asked in the database. */
export const ticketSystems = {
  "jira-cloud": jiraCloud,
  "jira-data-center": jiraDataCenter,
  servicenow,
  github,
  redmine,
  "request-tracker": requestTracker,
} satisfies Record<Exclude<ProviderKind, "local">, TicketProvider>;
