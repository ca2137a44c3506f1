import { route } from "@/lib/auth/route";
import { serviceProviderConfig } from "@/lib/scim/discovery";
import { scimAnswer, scimCommon } from "@/lib/scim/http";

export const GET = route({
  ...scimCommon,
  name: "scim.serviceProviderConfig",
  auth: "bearer",
  run: () => Promise.resolve(scimAnswer(serviceProviderConfig)),
});
