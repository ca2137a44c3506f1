import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { getSignIn, loadWith } from "@/lib/auth/session";
import { readPersonName } from "@/lib/people/detail";
import { personIdSchema } from "@/lib/people/schema";
import { env } from "@/lib/platform/env";
import { hadPasskeys, isOnlyAdministrator, listPasskeys, readSignedInAt } from "./data";
import { isFresh, relyingPartyOf } from "./rules";
import type { PasskeysView } from "./types";

/** The passkeys of one person: one's own for everybody, anybody's for those who see people. */
export const loadPasskeys = cache((personId: string) =>
  loadWith("person:view-own", async (actor): Promise<PasskeysView> => {
    const isYou = personId === actor.personId;
    const maySee = isYou || allows(actor.roles, "person:view");
    const personName = maySee && personIdSchema.safeParse(personId).success ? await readPersonName(personId) : null;
    if (personName === null) notFound();
    const passkeys = await listPasskeys(personId);
    const party = relyingPartyOf(env.url);
    const mayRemoveAny = allows(actor.roles, "passkey:remove-any");
    return {
      personId,
      personName,
      isYou,
      mayEnrol: isYou && allows(actor.roles, "passkey:enrol"),
      passkeys,
      wereTakenBack: passkeys.length === 0 && (await hadPasskeys(personId)),
      origin: new URL(env.url).origin,
      address: party.ok ? null : party.code,
      needsSignIn: isYou && passkeys.length === 0 && !(await isFreshSignIn()),
      mayRemoveLost: mayRemoveAny && (!isYou || (await isOnlyAdministrator(actor.personId))),
    };
  }),
);

async function isFreshSignIn(): Promise<boolean> {
  const signIn = await getSignIn();
  const at = signIn ? await readSignedInAt(signIn.signInId) : null;
  return at !== null && isFresh(at, new Date());
}
