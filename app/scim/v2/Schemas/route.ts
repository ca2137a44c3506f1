import { route } from "@/lib/auth/route";
import { schemas } from "@/lib/scim/discovery";
import { scimAnswer, scimCommon } from "@/lib/scim/http";
import { listResource } from "@/lib/scim/rules";

export const GET = route({
  ...scimCommon,
  name: "scim.schemas",
  auth: "bearer",
  run: () => Promise.resolve(scimAnswer(listResource(schemas, { total: schemas.length, startIndex: 1 }))),
});
