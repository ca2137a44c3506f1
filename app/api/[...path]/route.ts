import { route } from "@/lib/auth/route";
import { problemResponse } from "@/lib/platform/problem";

/** Whatever is no address below `/api`. Next would answer with a page, and pages here come without the proxy's policy. */
const answer = route({
  name: "api.unknown",
  auth: "public",
  changesNothing: true,
  run: ({ correlationId }) => Promise.resolve(problemResponse("not-found", correlationId)),
});

export const GET = answer;
export const POST = answer;
export const PUT = answer;
export const PATCH = answer;
export const DELETE = answer;
