"use server";

import { action } from "@/lib/auth/action";
import { clientAddress } from "@/lib/auth/client-address";
import { getSignIn } from "@/lib/auth/session";
import { activateGrant } from "@/lib/grants/activation";
import { finishStepUp } from "@/lib/passkeys/step-up";
import { AppError } from "@/lib/platform/errors";
import { activateGrantSchema } from "@/lib/requests/schema";
import { closeDebt } from "./debts";
import { checkIncident } from "./incident";
import { endEntry, proposeEntry } from "./listing";
import { approvalOf, beginBreaking, breakGlass, withdrawBreakGlass } from "./mutations";
import { objectionToEmergency } from "./recheck";
import { breakSchema, breakWithPasskeySchema, closeDebtSchema, endEntrySchema, entrySchema, previewSchema, retireSealSchema, sealCheckSchema, sealSchema, secondSchema, withdrawSchema } from "./schema";
import { checkSeal, registerSeal, retireSeal } from "./seals";
import { answerSecond } from "./second";
import { previewBreaking } from "./views/preview";

/** The sign-in of the browser that asks: what it confirms counts in no other one. */
async function signInId(): Promise<string> {
  const signIn = await getSignIn();
  if (!signIn) throw new AppError("integrity", "an action ran without a sign-in");
  return signIn.signInId;
}

export const previewBreakGlassAction = action({
  name: "break-glass.preview",
  permission: "break-glass:use",
  input: previewSchema,
  refresh: false,
  run: async ({ actor, input }) => {
    const incidentCheck = input.incident === undefined ? "not-connected" : await checkIncident(input.incident);
    return { ok: true as const, value: { ...(await previewBreaking(actor, { ...input, incident: input.incident ?? "-", incidentCheck })), incidentCheck } };
  },
});

export const beginBreakGlassAction = action({
  name: "break-glass.begin",
  permission: "break-glass:use",
  input: breakSchema,
  refresh: false,
  run: async ({ actor, input }) => beginBreaking({ personId: actor.personId, signInId: await signInId() }, input),
});

export const breakGlassAction = action({
  name: "break-glass.break",
  permission: "break-glass:use",
  input: breakWithPasskeySchema,
  maxLength: 40_000,
  secret: ["response"],
  refresh: false,
  run: async ({ actor, input: { response, ...form } }) => {
    const who = { personId: actor.personId, signInId: await signInId() };
    const [incidentCheck, sourceAddress] = await Promise.all([checkIncident(form.incident), clientAddress()]);
    return breakGlass({ actor, ...form, incidentCheck, sourceAddress, confirm: (tx, now) => finishStepUp(tx, now, { ...who, payload: approvalOf(form), response }) });
  },
});

export const activateEmergencyAction = action({
  name: "break-glass.activate",
  permission: "break-glass:use",
  input: activateGrantSchema,
  secret: ["verifier"],
  // The reveal must not be rendered away by a fresh view.
  refresh: false,
  run: ({ actor, input }) => activateGrant({ actor, ...input, objection: (tx, grant, now) => objectionToEmergency(tx, grant, actor, now) }),
});

export const answerSecondAction = action({
  name: "break-glass.answer-second",
  permission: "break-glass:second",
  input: secondSchema,
  run: ({ actor, input }) => answerSecond({ actor, ...input }),
});

export const withdrawBreakGlassAction = action({
  name: "break-glass.withdraw",
  permission: "break-glass:use",
  input: withdrawSchema,
  run: ({ actor, input }) => withdrawBreakGlass({ actor, ...input }),
});

export const closeDebtAction = action({
  name: "break-glass.close-debt",
  permission: "break-glass:review",
  input: closeDebtSchema,
  run: ({ actor, input }) => closeDebt({ actor, ...input }),
});

export const proposeEntryAction = action({
  name: "break-glass.propose-entry",
  permission: "break-glass:manage",
  input: entrySchema,
  run: ({ actor, input }) => proposeEntry({ actor, ...input }),
});

export const endEntryAction = action({
  name: "break-glass.end-entry",
  permission: "break-glass:manage",
  input: endEntrySchema,
  run: ({ actor, input }) => endEntry({ actor, ...input }),
});

export const registerSealAction = action({
  name: "break-glass.register-seal",
  permission: "break-glass:manage",
  input: sealSchema,
  run: ({ actor, input }) => registerSeal({ actor, ...input, sealedAt: new Date(input.sealedAt) }),
});

export const checkSealAction = action({
  name: "break-glass.check-seal",
  permission: "break-glass:check-seal",
  input: sealCheckSchema,
  run: ({ actor, input }) => checkSeal({ actor, ...input }),
});

export const retireSealAction = action({
  name: "break-glass.retire-seal",
  permission: "break-glass:manage",
  input: retireSealSchema,
  run: ({ actor, input }) => retireSeal({ actor, ...input }),
});
