import { signOut } from "@/lib/auth/sign-in-flow";
import { route } from "@/lib/auth/route";
import { signInStore } from "@/lib/people/mutations";

/** The "Sign out" form. Public, since whoever holds a cookie may always give it up; the origin is compared all the same. */
export const POST = route({
  name: "auth.sign-out",
  auth: "public",
  run: ({ request }) => signOut(signInStore, request),
});
