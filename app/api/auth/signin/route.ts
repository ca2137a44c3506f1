import * as z from "zod";
import { startSignIn } from "@/lib/auth/sign-in-flow";
import { route } from "@/lib/auth/route";
import { signInStore } from "@/lib/people/mutations";

/** The sign-in page's form. Works without JavaScript. */
export const POST = route({
  name: "auth.sign-in",
  auth: "public",
  input: z.object({ next: z.string().max(2_000).default("/"), again: z.literal("1").optional() }),
  run: ({ input, correlationId }) =>
    startSignIn(signInStore, { next: input.next, again: input.again === "1", correlationId }),
});
