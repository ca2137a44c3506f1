import "server-only";
import { env } from "@/lib/platform/env";
import { getActor } from "./session";
import { afterSignIn, signInErrors, type SignInError } from "./sign-in-flow";

type Search = Readonly<Record<string, string | string[] | undefined>>;

/** What the sign-in page shows. */
export type SignInPage = {
  /** Already signed in: go there instead. */
  readonly goOn: string | null;
  readonly next: string;
  readonly signedOut: boolean;
  readonly demo: boolean;
  /** Host name of the identity provider. */
  readonly provider: string;
};

/** Reads the sign-in page's address, which anybody can make up. */
export async function loadSignIn(search: Search): Promise<SignInPage> {
  const next = afterSignIn(search["next"]);
  return {
    goOn: (await getActor()) ? next : null,
    next,
    signedOut: search["signed-out"] === "1",
    demo: env.demo,
    provider: new URL(env.oidc.issuer).host,
  };
}

/** Reads the error page's address, which anybody can make up: only known reasons and well-formed ids are shown. */
export function readSignInError(search: Search): { reason: SignInError; correlationId: string | null } {
  const id = search["id"];
  return {
    reason: signInErrors.find((reason) => reason === search["reason"]) ?? "fault",
    correlationId: typeof id === "string" && /^[0-9a-f-]{36}$/.test(id) ? id : null,
  };
}
