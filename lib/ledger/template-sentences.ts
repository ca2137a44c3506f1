import { formatList } from "@/lib/platform/format";
import type { EventType } from "./events";
import type { Say, Sentences } from "./sentences";

type Template = Extract<EventType, `request-template.${string}`>;

/** Whose template it is, where not that of whoever acts. */
function whose(say: Say): string {
  const keeper = say.subjects.person === undefined ? say.actor : say.name("person", say.subjects.person);
  return keeper === say.actor ? "a template of their own" : `a template of ${keeper}`;
}

/** Sentences of requests that are kept to be asked again. */
export const templateSentences: Pick<Sentences, Template> = {
  "request-template.kept": (data, say) => {
    const what = formatList(data.entitlementIds.map((id) => say.name("entitlement", id)));
    const whom = data.identityId === null ? "" : ` for ${say.name("identity", data.identityId)}`;
    return `${say.actor} kept a request for ${what}${whom} as a template${data.teamId === null ? "" : `, shared with ${say.name("team", data.teamId)}`}.`;
  },
  "request-template.changed": (data, say) => {
    const { team, renamed } = data;
    const shared = team === undefined ? null : team.to === null ? "shares it with nobody any more" : `shares it with ${say.name("team", team.to)}`;
    return `${say.actor} changed ${whose(say)}: ${formatList([renamed ? "it has another name" : null, shared].filter((part) => part !== null))}.`;
  },
  "request-template.removed": (_data, say) => `${say.actor} removed ${whose(say)}.`,
};
