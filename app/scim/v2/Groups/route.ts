import { route } from "@/lib/auth/route";
import { env } from "@/lib/platform/env";
import { groupFilters, listGroups } from "@/lib/scim/data";
import { readFilter } from "@/lib/scim/filter";
import { createGroup } from "@/lib/scim/groups";
import { scimAnswer, scimCommon, scimResult } from "@/lib/scim/http";
import { groupResource, leavesOutMembers, listResource } from "@/lib/scim/rules";
import { scimGroupSchema, scimListSchema } from "@/lib/scim/schema";

export const GET = route({
  ...scimCommon,
  name: "scim.groups",
  auth: "bearer",
  query: scimListSchema,
  async run({ query }) {
    const filter = readFilter(query.filter, groupFilters);
    if (!filter.ok) return scimResult(filter, scimAnswer);
    const { total, groups } = await listGroups(filter.value, query, !leavesOutMembers(query));
    return scimAnswer(listResource(groups.map((group) => groupResource(group, env.url)), { total, startIndex: query.startIndex }));
  },
});

export const POST = route({
  ...scimCommon,
  name: "scim.group-create",
  auth: "bearer",
  input: scimGroupSchema,
  async run({ input }) {
    return scimResult(await createGroup(input), (group) => {
      const resource = groupResource(group, env.url);
      return scimAnswer(resource, 201, { location: resource.meta.location });
    });
  },
});
