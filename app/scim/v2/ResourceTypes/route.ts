import { route } from "@/lib/auth/route";
import { resourceTypes } from "@/lib/scim/discovery";
import { scimAnswer, scimCommon } from "@/lib/scim/http";
import { listResource } from "@/lib/scim/rules";

export const GET = route({
  ...scimCommon,
  name: "scim.resourceTypes",
  auth: "bearer",
  run: () => Promise.resolve(scimAnswer(listResource(resourceTypes, { total: resourceTypes.length, startIndex: 1 }))),
});
