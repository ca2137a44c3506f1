import { route } from "@/lib/auth/route";
import { scimAnswer, scimCommon } from "@/lib/scim/http";
import { errorResource } from "@/lib/scim/rules";

/** Whatever SCIM has beside what stands here: /Me, /Bulk, /.search. */
const nothing = route({
  ...scimCommon,
  name: "scim.nothing",
  auth: "bearer",
  run: () => Promise.resolve(scimAnswer(errorResource({ status: 404, detail: "There is nothing at this address." }), 404)),
});

export const GET = nothing;
export const POST = nothing;
export const PUT = nothing;
export const PATCH = nothing;
export const DELETE = nothing;
