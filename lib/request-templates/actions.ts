"use server";

import { action } from "@/lib/auth/action";
import { refuse } from "@/lib/platform/result";
import { changeTemplate, keepTemplate, removeTemplate } from "./mutations";
import { changeTemplateSchema, keepRequestSchema, keepTemplateSchema, removeTemplateSchema } from "./schema";
import { readAskOf } from "./views/list";

export const keepTemplateAction = action({
  name: "request-template.keep",
  permission: "template:keep",
  input: keepTemplateSchema,
  refresh: false,
  run: ({ actor, input }) => keepTemplate({ actor, ...input }),
});

export const keepRequestAction = action({
  name: "request-template.keep-request",
  permission: "template:keep",
  input: keepRequestSchema,
  refresh: false,
  run: async ({ actor, input: { requestId, withIdentity, ...input } }) => {
    const ask = await readAskOf(requestId, actor.personId);
    if (!ask || ask.intent === null) return refuse("unknown-template");
    const { identityId, intent, maxUses, idleSeconds, ...terms } = ask;
    return keepTemplate({ actor, ...input, ...terms, intent, maxUses: maxUses ?? undefined, idleSeconds: idleSeconds ?? undefined, identityId: withIdentity ? identityId : undefined });
  },
});

export const changeTemplateAction = action({
  name: "request-template.change",
  permission: "template:change",
  input: changeTemplateSchema,
  run: ({ actor, input }) => changeTemplate({ actor, ...input }),
});

export const removeTemplateAction = action({
  name: "request-template.remove",
  permission: "template:change",
  input: removeTemplateSchema,
  run: ({ actor, input }) => removeTemplate({ actor, ...input }),
});
