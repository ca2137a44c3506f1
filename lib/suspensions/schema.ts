import * as z from "zod";
import { openConnectionChoices } from "./types";

/** How long a rehearsal may be asked for on the screen, in hours. */
export const rehearsalHours = [1, 4, 24, 72, 168] as const;

/** An id in a path; anything else is "not found". */
export const identityIdSchema = z.guid();

const flag = z.enum(["yes", "no"]).default("no");

/** Suspends, rehearses or offboards one identity. */
export const suspendSchema = z.object({
  identityId: z.guid(),
  kind: z.enum(["rehearsal", "suspension", "offboarding"]),
  hours: z.coerce.number().int().min(1, "At least one hour.").max(744, "At most 31 days.").optional(),
  undoAtFirstRefusal: flag,
  openConnections: z.enum(openConnectionChoices, "Choose what happens to open connections."),
  reason: z.string().trim().min(5, "Say why, in a few words.").max(500, "At most 500 letters."),
});

/** What an order says, once parsed. */
export type SuspendForm = z.output<typeof suspendSchema>;

/** Undoes a suspension. */
export const undoSchema = z.object({ suspensionId: z.guid() });

/** The part of a credential's facts that says whether Curfew may suspend it. */
export const suspensionNeedsSchema = z.object({ suspendable: z.object({ possible: z.boolean(), needs: z.string().nullable() }).optional() });

const proofSchema = z.object({ facts: z.array(z.string()) });

/** The facts of a stored proof; none where there is no proof. */
export function factsOfProof(json: unknown): readonly string[] {
  const parsed = proofSchema.safeParse(json);
  return parsed.success ? parsed.data.facts : [];
}
