import { finishSignIn } from "@/lib/auth/sign-in-flow";
import { route } from "@/lib/auth/route";
import { signInStore } from "@/lib/people/mutations";

/** Where the identity provider sends the browser back to. Registered there as our redirect address. */
export const GET = route({
  name: "auth.callback",
  auth: "public",
  run: ({ request, correlationId }) => finishSignIn(signInStore, { request, correlationId }),
});
