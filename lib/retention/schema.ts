import * as z from "zod";

const days = z.string().trim().regex(/^[1-9][0-9]{0,4}$/, "A whole number of days.").transform(Number).refine((count) => count >= 30 && count <= 36_500, "From 30 to 36,500 days.");

/** Input of "erase after so many days"; empty: never. */
export const retentionSchema = z.object({ days: z.union([z.literal("").transform(() => null), days]) });

/** The URL of the page: days to count for, a person to look at. Whatever it says, it opens. */
export const retentionQuerySchema = z.object({ days: days.optional().catch(undefined), person: z.uuid().optional().catch(undefined) });

/** Input of "put on hold": everything, or what is about one thing (`system:<id>`, `person:<id>`). */
export const newHoldSchema = z.object({
  about: z.union([z.literal("everything"), z.string().regex(/^(system|person):[0-9a-f-]{36}$/)]),
  reason: z.string().trim().min(1, "Fill this in.").max(300),
});

export const holdIdSchema = z.object({ holdId: z.uuid() });
export const personIdSchema = z.object({ personId: z.uuid() });
