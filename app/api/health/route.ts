import { route } from "@/lib/auth/route";
import { checkHealth } from "@/lib/db/health";
import { env, isLoopbackUrl } from "@/lib/platform/env";

/** Next writes the socket's address here unless a proxy did; only an installation that is on loopback itself believes it. */
function isFromHere(request: Request): boolean {
  const from = request.headers.get("x-forwarded-for") ?? "";
  return isLoopbackUrl(env.url) && ["127.0.0.1", "::1", "::ffff:127.0.0.1"].includes(from);
}

/** Readiness: 200 only when every part works, else 503 naming what does not. With `?live=1` liveness: this process answers. */
export const GET = route({
  name: "health",
  auth: "public",
  quiet: true,
  alsoLoopbackHost: true,
  run: async ({ request }) => {
    if (new URL(request.url).searchParams.get("live") === "1") return Response.json({ status: "alive" });
    const { healthy, parts, details } = await checkHealth();
    const body = { status: healthy ? "healthy" : "unhealthy", ...parts, ...(isFromHere(request) ? { details } : {}) };
    return Response.json(body, { status: healthy ? 200 : 503 });
  },
});
