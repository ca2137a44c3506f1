"use server";

import { action } from "@/lib/auth/action";
import { announceImport, confirmImport, discardImport } from "./mutations";
import { announceImportSchema, confirmImportSchema, importIdSchema, makeTokenSchema, withdrawTokenSchema } from "./schema";
import { makeImportToken, withdrawImportToken } from "./tokens";

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

/** The answer holds the token: the page is not rendered anew, which would take it away. */
export const makeImportTokenAction = action({
  name: "import.make-token",
  permission: "import:create",
  input: makeTokenSchema,
  refresh: false,
  run: ({ actor, input }) => makeImportToken({ actor, ...input }),
});

export const withdrawImportTokenAction = action({
  name: "import.withdraw-token",
  permission: "import:create",
  input: withdrawTokenSchema,
  run: ({ actor, input }) => withdrawImportToken({ actor, tokenId: input.tokenId }),
});
