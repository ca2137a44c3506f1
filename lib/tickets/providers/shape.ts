import type * as z from "zod";
import { TicketFault } from "./contract";

/** Reads an answer by its schema; one of another shape decides nothing. Attacker-controlled input. */
export function readJson<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new TicketFault("down", `an answer of an unknown shape at ${parsed.error.issues[0]?.path.join(".") ?? "its root"}`);
  return parsed.data;
}
