"use server";

import { action } from "@/lib/auth/action";
import { approveChange, closeChange, registerChange, submitChange } from "./mutations";
import { saveProvider, setUnknownKeys } from "./providing";
import { changeIdSchema, registerChangeSchema, saveProviderSchema, unknownKeysSchema } from "./schema";

export const registerChangeAction = action({
  name: "ticket.register-change",
  permission: "ticket:register",
  input: registerChangeSchema,
  lists: ["systemIds", "identityIds"],
  run: ({ actor, input }) => registerChange({ actor, ...input }),
});

export const submitChangeAction = action({
  name: "ticket.submit-change",
  permission: "ticket:register",
  input: changeIdSchema,
  run: ({ actor, input }) => submitChange({ actor, ...input }),
});

export const approveChangeAction = action({
  name: "ticket.approve-change",
  permission: "ticket:approve",
  input: changeIdSchema,
  run: ({ actor, input }) => approveChange({ actor, ...input }),
});

export const closeChangeAction = action({
  name: "ticket.close-change",
  permission: "ticket:close",
  input: changeIdSchema,
  run: ({ actor, input }) => closeChange({ actor, ...input }),
});

export const saveProviderAction = action({
  name: "ticket-provider.save",
  permission: "ticket-provider:manage",
  input: saveProviderSchema,
  secret: ["token", "webhookSecret"],
  run: ({ actor, input }) => saveProvider({ actor, form: input }),
});

export const setUnknownKeysAction = action({
  name: "ticket-provider.unknown-keys",
  permission: "ticket-provider:manage",
  input: unknownKeysSchema,
  run: ({ actor, input }) => setUnknownKeys({ actor, ...input }),
});
