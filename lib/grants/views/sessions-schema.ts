import * as z from "zod";
import { cursorText } from "@/lib/platform/list-query";

/** Where the list of live sessions stands. */
export const sessionsSchema = z.object({ after: cursorText(), before: cursorText() });
export type SessionsQuery = z.output<typeof sessionsSchema>;
