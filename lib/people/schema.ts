import * as z from "zod";
import { roles } from "@/lib/auth/permissions";

/** Input of "set a person to left". */
export const setPersonLeftSchema = z.object({ personId: z.uuid() });

/** Position in the list of people, as the URL carries it. Attacker-controlled. */
export const peopleCursorSchema = z
  .string()
  .max(1_000)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      context.addIssue({ code: "custom", message: "Not a position in this list." });
      return z.NEVER;
    }
  })
  .pipe(z.tuple([z.string().max(500), z.uuid()]));

/** Input of "give a role" and "take a role". */
export const personRoleSchema = z.object({ personId: z.uuid(), role: z.enum(roles) });
