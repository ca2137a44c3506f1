import * as z from "zod";

/** Input of "take over" and "decline". */
export const handOverIdSchema = z.object({ handOverId: z.uuid() });
