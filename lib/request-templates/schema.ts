import * as z from "zod";
import { askSchema } from "@/lib/requests/schema";

const nameSchema = z.string().trim().min(2, "Give it a name (2 characters or more).").max(80, "At most 80 characters.");
const teamSchema = z.preprocess((value) => (value === "" ? null : value), z.uuid().nullable());

/** What of an ask is kept. Never a ticket, never a start: each time has its own. */
export const keepTemplateSchema = askSchema
  .pick({ entitlementIds: true, purpose: true, intent: true, durationSeconds: true, maxUses: true, idleSeconds: true })
  .extend({
    name: nameSchema,
    /** Empty: whoever uses it picks one. */
    identityId: z.preprocess((value) => (value === "" ? undefined : value), z.uuid().optional()),
    teamId: teamSchema,
    idempotencyKey: z.uuid(),
  });
export type KeptAsk = z.output<typeof keepTemplateSchema>;

export const changeTemplateSchema = z.object({ templateId: z.uuid(), name: nameSchema, teamId: teamSchema });
export const removeTemplateSchema = z.object({ templateId: z.uuid() });

/** A request's page keeps what was asked there. */
export const keepRequestSchema = z.object({
  requestId: z.uuid(),
  name: nameSchema,
  teamId: teamSchema,
  withIdentity: z.preprocess((value) => value === "on" || value === true, z.boolean()),
  idempotencyKey: z.uuid(),
});

/** Which page of the list. */
export const templateListSchema = z.object({ before: z.guid().optional().catch(undefined) });
