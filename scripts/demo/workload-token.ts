import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { SignJWT } from "jose";
import * as z from "zod";
import { issuerOf, privateKeyOf, type ProviderSettings } from "./provider-settings";

/** What the demo's CI system attests about a running job. */
export const workloadSchema = z.strictObject({
  repository: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/),
  ref: z.string().regex(/^refs\/[\w./-]+$/),
  job: z.string().regex(/^[\w-]+$/),
  workflow: z.string().min(1).max(200),
  /** Email address of the person who triggered the job. */
  actor: z.email(),
  environment: z.string().min(1).max(50).default("production"),
});

const lifetimeSeconds = 600;

/** True for the bearer secret that only processes of the demo's user can read. */
export function knowsSecret(settings: ProviderSettings, authorization: string | undefined): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${settings.workloadSecret}`));
}

/** A signed token for one job, as a CI system with workload identity would hand it out. */
export async function issueWorkloadToken(settings: ProviderSettings, workload: z.infer<typeof workloadSchema>) {
  const { workloadKey } = settings;
  const token = await new SignJWT({ ...workload })
    .setProtectedHeader({ alg: "ES256", kid: String(workloadKey["kid"]), typ: "JWT" })
    .setIssuer(issuerOf(settings))
    .setAudience(settings.appUrl)
    .setSubject(`repo:${workload.repository}:ref:${workload.ref}:job:${workload.job}`)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${lifetimeSeconds}s`)
    .sign(privateKeyOf(workloadKey));
  return { token, expires_in: lifetimeSeconds };
}
