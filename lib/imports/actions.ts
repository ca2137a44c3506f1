"use server";

import { action } from "@/lib/auth/action";
import { announceImport, confirmImport, discardImport } from "./mutations";
import { announceImportSchema, confirmImportSchema, importIdSchema } from "./schema";

export const announceImportAction = action({
  name: "import.announce",
  permission: "import:create",
  input: announceImportSchema,
  maxLength: 10_000,
  refresh: false,
  run: ({ actor, input }) => announceImport({ actor, announcement: input }),
});

export const confirmImportAction = action({
  name: "import.confirm",
  permission: "import:create",
  input: confirmImportSchema,
  run: ({ actor, input }) => confirmImport({ actor, ...input }),
});

export const discardImportAction = action({
  name: "import.discard",
  permission: "import:create",
  input: importIdSchema,
  run: ({ actor, input }) => discardImport({ actor, importId: input.importId }),
});
