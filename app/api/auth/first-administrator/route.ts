import * as z from "zod";
import { route } from "@/lib/auth/route";
import { getActor } from "@/lib/auth/session";
import { becomeFirstAdministrator } from "@/lib/people/first-administrator";

/** The form behind the one-time link. Whoever posts it is signed in, but has no role yet: the link is what allows it. */
export const POST = route({
  name: "auth.first-administrator",
  auth: "public",
  input: z.object({ token: z.string().max(200) }),
  async run({ input }) {
    const actor = await getActor();
    const result = actor ? await becomeFirstAdministrator({ actor, token: input.token }) : null;
    const location = result === null ? "/first-administrator" : result.ok ? "/people" : `/first-administrator?refused=${result.code}`;
    return new Response(null, { status: 303, headers: { location } });
  },
});
