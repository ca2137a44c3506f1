import "server-only";
import { AppError } from "@/lib/platform/errors";
import { privilegesSchema, type PrivilegeView } from "./schema";
import { sensitivities, type Sensitivity } from "./types";

/** Parses a sensitivity column; an unknown one is a fault. */
export function parseSensitivity(text: string): Sensitivity {
  const known = sensitivities.find((sensitivity) => sensitivity === text);
  if (!known) throw new AppError("integrity", `unknown sensitivity ${text}`);
  return known;
}

/** Parses what an entitlement allows, as it was last read from the target; null when it never was. */
export function parsePrivileges(json: unknown): PrivilegeView[] | null {
  return json === null ? null : privilegesSchema.parse(json);
}
