import "server-only";
import * as z from "zod";
import { rerouteWaiting } from "@/lib/stages/upkeep";

const payloadSchema = z.object({
  personIds: z.array(z.uuid()).optional(),
  teamIds: z.array(z.uuid()).optional(),
  entitlementIds: z.array(z.uuid()).optional(),
  after: z.uuid().nullish(),
});

/** Asks anew who is asked in the waiting requests that a change of people concerns. */
export async function rerouteRequests(payload: unknown): Promise<void> {
  const { personIds = [], teamIds = [], entitlementIds = [], after = null } = payloadSchema.parse(payload);
  await rerouteWaiting({ personIds, teamIds, entitlementIds, after });
}
