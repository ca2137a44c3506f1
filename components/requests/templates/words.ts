import type { TemplateRefusal } from "@/lib/request-templates/types";

/** What stands against keeping or changing a template. */
export const templateRefusals: Readonly<Record<TemplateRefusal, string>> = {
  "secret-in-text": "This looks like it holds a secret. Nothing was stored. Take it out; if it is real, replace it at its source.",
  "unknown-template": "This template is not there any more. Nothing changed.",
  "unknown-identity": "The identity is not there any more. Nothing was kept: pick another one.",
  "unknown-entitlement": "One of the accesses cannot be asked for any more. Nothing was kept: take it out first.",
  "not-your-team": "A template is shared with a team that its keeper is in. Nothing changed.",
  "name-taken": "There is a template of this name already. Nothing changed: pick another name.",
  "too-many": "You keep as many templates as one person can. Nothing was kept: remove one first.",
  "not-yours": "Only who keeps it, or an administrator, can change it. Nothing changed.",
};
