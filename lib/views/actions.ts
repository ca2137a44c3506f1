"use server";

import { action } from "@/lib/auth/action";
import { changeView, deleteView, saveView } from "./mutations";
import { changeViewSchema, deleteViewSchema, saveViewSchema } from "./schema";

export const saveViewAction = action({
  name: "view.save",
  permission: "identity:view",
  input: saveViewSchema,
  run: ({ actor, input }) => saveView({ actor, ...input }),
});

export const changeViewAction = action({
  name: "view.change",
  permission: "identity:view",
  input: changeViewSchema,
  run: ({ actor, input }) => changeView({ actor, ...input }),
});

export const deleteViewAction = action({
  name: "view.delete",
  permission: "identity:view",
  input: deleteViewSchema,
  run: ({ actor, input }) => deleteView({ actor, ...input }),
});
