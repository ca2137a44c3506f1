import { route } from "@/lib/auth/route";
import { env } from "@/lib/platform/env";
import { listUsers, userFilters } from "@/lib/scim/data";
import { readFilter } from "@/lib/scim/filter";
import { scimAnswer, scimCommon, scimResult } from "@/lib/scim/http";
import { listResource, userResource } from "@/lib/scim/rules";
import { scimListSchema, scimUserSchema } from "@/lib/scim/schema";
import { createUser } from "@/lib/scim/users";

export const GET = route({
  ...scimCommon,
  name: "scim.users",
  auth: "bearer",
  query: scimListSchema,
  async run({ query }) {
    const filter = readFilter(query.filter, userFilters);
    if (!filter.ok) return scimResult(filter, scimAnswer);
    const { total, users } = await listUsers(filter.value, query);
    return scimAnswer(listResource(users.map((user) => userResource(user, env.url)), { total, startIndex: query.startIndex }));
  },
});

export const POST = route({
  ...scimCommon,
  name: "scim.user-create",
  auth: "bearer",
  input: scimUserSchema,
  async run({ actor, input }) {
    return scimResult(await createUser(actor, input), (user) => {
      const resource = userResource(user, env.url);
      return scimAnswer(resource, 201, { location: resource.meta.location });
    });
  },
});
