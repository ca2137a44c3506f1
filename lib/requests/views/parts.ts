import * as z from "zod";
import { type PrivilegeView, privilegesSchema } from "@/lib/entitlements/schema";
import type { AllowsView, EndingView, PersonView } from "./types";

/** JSON columns as they are read back: parsed like every border, and what does not parse is "not known", never a guess. */

const checkSchema = z.object({
  probeAccount: z.string().nullable(),
  limits: z.array(z.object({ code: z.string(), text: z.string() })),
});

const reasonsSchema = z.array(z.object({ policyId: z.string().nullable(), text: z.string() }));
const proofSchema = z.object({ facts: z.array(z.string()) });
const stillGivenSchema = z.array(z.object({ kind: z.string(), name: z.string(), path: z.array(z.string()) }));

/** Privileges that one view shows; the target may have thousands. */
const mostPrivileges = 60;
const kindOrder = ["table", "view", "function", "sequence", "schema", "database"] as const satisfies readonly PrivilegeView["objectKind"][];

/** What an entitlement allows, data first: tables and views before the schemas and databases that lead to them. */
export function readAllows(privileges: unknown, readAt: Date | null): AllowsView {
  const parsed = privilegesSchema.safeParse(privileges);
  if (!parsed.success) return null;
  const rank = ({ objectKind }: PrivilegeView) => kindOrder.indexOf(objectKind);
  const all = [...parsed.data].sort((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b)));
  return { privileges: all.slice(0, mostPrivileges), more: Math.max(0, all.length - mostPrivileges), readAt: timeOf(readAt) };
}

function nameOf({ database, schema, object }: Pick<PrivilegeView, "database" | "schema" | "object">): string {
  return [database, schema, object].filter(Boolean).join(".");
}

/** How an access on this system ends, from the last answer of its check. */
export function readEnding(check: unknown): EndingView {
  const parsed = checkSchema.safeParse(check);
  if (!parsed.success) return { kind: "not-checked", probeAccount: null, limits: [] };
  const { probeAccount, limits } = parsed.data;
  return { kind: probeAccount === null ? "accepted-only" : "proven", probeAccount, limits };
}

/** A decision's stored reasons. */
export function readReasons(reasons: unknown): z.output<typeof reasonsSchema> {
  return reasonsSchema.safeParse(reasons).data ?? [];
}

/** What a proof says in words. */
export function readProofFacts(proof: unknown): readonly string[] {
  return proofSchema.safeParse(proof).data?.facts ?? [];
}

/** What else gave the same when an end was proven; `undefined` where nobody could look. */
export function readStillGiven(json: unknown): z.output<typeof stillGivenSchema> | undefined {
  return stillGivenSchema.safeParse(json).data;
}

/** A person as views show one. */
export function personView(person: { id: string; name: string; leftAt: Date | null }): PersonView {
  return { id: person.id, name: person.name, hasLeft: person.leftAt !== null };
}

/** Those who answer for an entitlement, in words. */
export function ownersOf(entitlement: { resourceOwner: { name: string } | null; resourceTeam: { name: string } | null }): string[] {
  return [entitlement.resourceOwner?.name, entitlement.resourceTeam && `team ${entitlement.resourceTeam.name}`].filter((name): name is string => Boolean(name));
}

/** ISO text, or null. */
export function timeOf(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
