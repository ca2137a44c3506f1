import * as z from "zod";

/** Input of "confirm" and "reject". */
export const proposalIdSchema = z.object({ proposalId: z.uuid() });
