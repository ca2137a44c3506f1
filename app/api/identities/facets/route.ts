import * as z from "zod";
import { route } from "@/lib/auth/route";
import { readFacet } from "@/lib/identities/views/facets";
import { asPersonMayAsk, maySeeReach } from "@/lib/identities/views/list";
import { identityFilterSchema } from "@/lib/identities/views/list-schema";
import { facetDimensions } from "@/lib/identities/views/list-types";
import { searchText } from "@/lib/platform/list-query";

const tellsOfReach: readonly string[] = ["exposure", "standing"];

/** The values of one filter of the list, with how many identities each of them leaves. */
export const GET = route({
  name: "identity.facets",
  auth: "session",
  permission: "identity:view",
  quiet: true,
  query: identityFilterSchema.extend({ dimension: z.enum(facetDimensions), search: searchText() }),
  run: async ({ actor, query: { dimension, search, ...filter } }) => {
    const isHidden = tellsOfReach.includes(dimension) && !maySeeReach(actor, filter);
    return Response.json(isHidden ? [] : await readFacet(asPersonMayAsk(actor, filter), dimension, search));
  },
});
