"use server";

import { action } from "@/lib/auth/action";
import { getSignIn } from "@/lib/auth/session";
import { AppError } from "@/lib/platform/errors";
import { refuse } from "@/lib/platform/result";
import { beginRemove, removeLostPasskey, removePasskey, renamePasskey } from "./keeping";
import { beginEnrol, confirmEnrol, enrol } from "./mutations";
import { beginEnrolSchema, confirmEnrolSchema, enrolSchema, longestAnswer, passkeySchema, removeLostSchema, removePasskeySchema, renamePasskeySchema } from "./schema";

/** The sign-in of the browser that asks: what it is asked to confirm counts in no other one. */
async function signInId(): Promise<string> {
  const signIn = await getSignIn();
  if (!signIn) throw new AppError("integrity", "an action ran without a sign-in");
  return signIn.signInId;
}

export const beginEnrolAction = action({
  name: "passkey.begin-enrol",
  permission: "passkey:enrol",
  input: beginEnrolSchema,
  refresh: false,
  run: async ({ actor, input }) => (input.personId === actor.personId ? beginEnrol({ actor, signInId: await signInId() }) : refuse("asked-elsewhere")),
});

export const confirmEnrolAction = action({
  name: "passkey.confirm-enrol",
  permission: "passkey:enrol",
  input: confirmEnrolSchema,
  maxLength: longestAnswer,
  secret: ["response"],
  refresh: false,
  run: async ({ actor, input }) => confirmEnrol({ actor, signInId: await signInId(), ...input }),
});

export const enrolAction = action({
  name: "passkey.enrol",
  permission: "passkey:enrol",
  input: enrolSchema,
  maxLength: longestAnswer,
  secret: ["response"],
  run: async ({ actor, input }) => enrol({ actor, signInId: await signInId(), ...input }),
});

export const renamePasskeyAction = action({
  name: "passkey.rename",
  permission: "passkey:enrol",
  input: renamePasskeySchema,
  run: ({ actor, input }) => renamePasskey({ actor, ...input }),
});

export const beginRemovePasskeyAction = action({
  name: "passkey.begin-remove",
  permission: "passkey:enrol",
  input: passkeySchema,
  refresh: false,
  run: async ({ actor, input }) => beginRemove({ actor, signInId: await signInId(), ...input }),
});

export const removePasskeyAction = action({
  name: "passkey.remove",
  permission: "passkey:enrol",
  input: removePasskeySchema,
  maxLength: longestAnswer,
  secret: ["response"],
  run: async ({ actor, input }) => removePasskey({ actor, signInId: await signInId(), ...input }),
});

export const removeLostPasskeyAction = action({
  name: "passkey.remove-lost",
  permission: "passkey:remove-any",
  input: removeLostSchema,
  run: async ({ actor, input }) => removeLostPasskey({ actor, signInId: await signInId(), ...input }),
});
