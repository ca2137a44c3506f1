import { route } from "@/lib/auth/route";
import { env } from "@/lib/platform/env";
import { findUser } from "@/lib/scim/data";
import { scimAnswer, scimCommon, scimResult } from "@/lib/scim/http";
import { errorResource, userResource } from "@/lib/scim/rules";
import { scimIdSchema, scimPatchSchema, scimUserSchema } from "@/lib/scim/schema";
import { changeUserBy, removeUser, replaceUser } from "@/lib/scim/users";

export const GET = route({
  ...scimCommon,
  name: "scim.user",
  auth: "bearer",
  params: scimIdSchema,
  async run({ params }) {
    const user = await findUser(params.id);
    return user ? scimAnswer(userResource(user, env.url)) : scimAnswer(errorResource({ status: 404, detail: "There is no user with this id." }), 404);
  },
});

export const PUT = route({
  ...scimCommon,
  name: "scim.user-replace",
  auth: "bearer",
  params: scimIdSchema,
  input: scimUserSchema,
  run: async ({ actor, params, input }) => scimResult(await replaceUser(actor, params.id, input), (user) => scimAnswer(userResource(user, env.url))),
});

export const PATCH = route({
  ...scimCommon,
  name: "scim.user-change",
  auth: "bearer",
  params: scimIdSchema,
  input: scimPatchSchema,
  run: async ({ actor, params, input }) => scimResult(await changeUserBy(actor, params.id, input.Operations), (user) => scimAnswer(userResource(user, env.url))),
});

export const DELETE = route({
  ...scimCommon,
  name: "scim.user-remove",
  auth: "bearer",
  params: scimIdSchema,
  run: async ({ actor, params }) => scimResult(await removeUser(actor, params.id), () => new Response(null, { status: 204 })),
});
