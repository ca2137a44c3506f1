import * as z from "zod";
import { identityKinds } from "@/lib/identities/types";

const foundSchema = z.object({
  kind: z.enum(["identity", "request", "system"]),
  id: z.string(),
  label: z.string(),
  /** What tells it from others of the same name. */
  detail: z.string(),
  identityKind: z.enum(identityKinds).nullable(),
  href: z.string().startsWith("/"),
});

/** What `GET /api/find` answers, the best first. */
export const findAnswerSchema = z.object({ found: z.array(foundSchema) });

/** One thing that "find anything" found. */
export type Found = z.infer<typeof foundSchema>;

/** Longest text that is searched for, and the shortest worth asking the server. */
export const findLimits = { shortest: 2, longest: 100 } as const;
