"use server";

import { action } from "@/lib/auth/action";
import { rotateKey } from "./mutations";
import { logTokenIdSchema, newLogTokenSchema, newPlaceSchema, placeIdSchema, rotateKeySchema } from "./schema";
import { askForSending, makePlace, removePlace } from "./sending";
import { makeLogToken, withdrawLogToken } from "./tokens";

export const makePlaceAction = action({
  name: "checkpoint.make-place",
  permission: "checkpoint:manage",
  input: newPlaceSchema,
  run: ({ actor, input }) => makePlace({ actor, place: input }),
});

export const removePlaceAction = action({
  name: "checkpoint.remove-place",
  permission: "checkpoint:manage",
  input: placeIdSchema,
  run: ({ actor, input }) => removePlace({ actor, placeId: input.placeId }),
});

export const sendNowAction = action({
  name: "checkpoint.send-now",
  permission: "checkpoint:manage",
  input: placeIdSchema,
  run: ({ actor, input }) => askForSending({ actor, placeId: input.placeId }),
});

export const makeLogTokenAction = action({
  name: "checkpoint.make-token",
  permission: "checkpoint:manage",
  input: newLogTokenSchema,
  run: ({ actor, input }) => makeLogToken({ actor, name: input.name }),
});

export const withdrawLogTokenAction = action({
  name: "checkpoint.withdraw-token",
  permission: "checkpoint:manage",
  input: logTokenIdSchema,
  run: ({ actor, input }) => withdrawLogToken({ actor, tokenId: input.tokenId }),
});

export const rotateKeyAction = action({
  name: "checkpoint.rotate-key",
  permission: "checkpoint:manage",
  input: rotateKeySchema,
  run: ({ actor, input }) => rotateKey({ actor, purpose: input.purpose }),
});
