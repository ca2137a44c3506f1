import { route } from "@/lib/auth/route";
import { env } from "@/lib/platform/env";
import { findGroup } from "@/lib/scim/data";
import { changeGroupBy, removeGroup, replaceGroup } from "@/lib/scim/groups";
import { scimAnswer, scimCommon, scimResult } from "@/lib/scim/http";
import { errorResource, groupResource, leavesOutMembers } from "@/lib/scim/rules";
import { scimGroupSchema, scimIdSchema, scimOneSchema, scimPatchSchema } from "@/lib/scim/schema";

export const GET = route({
  ...scimCommon,
  name: "scim.group",
  auth: "bearer",
  params: scimIdSchema,
  query: scimOneSchema,
  async run({ params, query }) {
    const group = await findGroup(params.id, !leavesOutMembers(query));
    return group ? scimAnswer(groupResource(group, env.url)) : scimAnswer(errorResource({ status: 404, detail: "There is no group with this id." }), 404);
  },
});

export const PUT = route({
  ...scimCommon,
  name: "scim.group-replace",
  auth: "bearer",
  params: scimIdSchema,
  input: scimGroupSchema,
  run: async ({ params, input }) => scimResult(await replaceGroup(params.id, input), (group) => scimAnswer(groupResource(group, env.url))),
});

export const PATCH = route({
  ...scimCommon,
  name: "scim.group-change",
  auth: "bearer",
  params: scimIdSchema,
  query: scimOneSchema,
  input: scimPatchSchema,
  run: async ({ params, query, input }) =>
    scimResult(await changeGroupBy(params.id, input.Operations), (group) =>
      scimAnswer(groupResource(leavesOutMembers(query) ? { ...group, members: null } : group, env.url)),
    ),
});

export const DELETE = route({
  ...scimCommon,
  name: "scim.group-remove",
  auth: "bearer",
  params: scimIdSchema,
  run: async ({ params }) => scimResult(await removeGroup(params.id), () => new Response(null, { status: 204 })),
});
