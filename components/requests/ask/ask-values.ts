import type { EntitlementOption, IdentityOption } from "@/lib/requests/views/types";

/** What is filled in so far. */
export type AskValues = {
  readonly identity: IdentityOption | null;
  readonly entitlement: EntitlementOption | null;
  readonly purpose: string;
  readonly intent: string;
  readonly ticketKey: string;
  /** Null while what is typed is no duration. */
  readonly durationSeconds: number | null;
  readonly maxUses: string;
};

/** Where the preview of these values is read; null while there is nothing to say. */
export function previewAddress({ identity, entitlement, purpose, ticketKey, durationSeconds, maxUses }: AskValues): string | null {
  if (!entitlement) return null;
  const known = {
    identityId: identity?.id,
    entitlementId: entitlement.id,
    purpose: entitlement.purposes.includes(purpose) ? purpose : undefined,
    durationSeconds: durationSeconds === null ? undefined : String(durationSeconds),
    ticketKey: ticketKey.trim() || undefined,
    maxUses: maxUses.trim() || undefined,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(known)) if (value !== undefined) query.set(name, value);
  return `/api/preview?${query.toString()}`;
}

/** What the preview still waits for. */
export function missingIn({ identity, entitlement, purpose, durationSeconds }: AskValues): string[] {
  return [
    identity ? null : "an identity",
    entitlement ? null : "an access",
    entitlement?.purposes.includes(purpose) ? null : "a purpose",
    durationSeconds === null ? "a duration" : null,
  ].filter((part) => part !== null);
}
