import type { AskStart, EntitlementOption, IdentityOption } from "@/lib/requests/views/types";

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
  /** Minutes without use after which it ends. */
  readonly idleMinutes: string;
  /** Why it is asked although it is held standing. */
  readonly standingReason: string;
  /** Further accesses in the same request; null is one that is still to be picked. */
  readonly more: readonly (EntitlementOption | null)[];
  /** Date and time as the browser's field holds them, in local time; empty is at once. */
  readonly notBefore: string;
};

/** What fills the form in: an earlier request of one's own, or a template, which names no ticket and maybe no identity. */
type Filling = Pick<AskStart, "entitlements" | "purpose" | "intent" | "durationSeconds" | "maxUses" | "idleSeconds"> &
  Partial<Pick<AskStart, "standingReason" | "ticketKey">> & { readonly identity: IdentityOption | null };

/** What the form starts with: what a link has filled in, an earlier request of one's own, or a template. */
export function startingWith(start: Filling | null, identity: IdentityOption | null, entitlement: EntitlementOption | null): AskValues {
  const empty = { identity, entitlement, purpose: "", intent: "", ticketKey: "", durationSeconds: 3_600, maxUses: "", idleMinutes: "", standingReason: "", more: [], notBefore: "" };
  if (!start) return empty;
  const [first = null, ...more] = start.entitlements;
  const { identity: whose, purpose, intent, standingReason, ticketKey, durationSeconds, maxUses, idleSeconds } = start;
  const words = { purpose, intent: intent ?? "", standingReason: standingReason ?? "", ticketKey: ticketKey ?? "" };
  return { ...empty, ...words, identity: whose, entitlement: first, more, durationSeconds, maxUses: maxUses === null ? "" : String(maxUses), idleMinutes: minutesOf(idleSeconds) };
}

/** What the ask says beside its fields: which request it extends, or asks again. */
export function linksOf(start: AskStart | null): Readonly<Record<string, string>> {
  switch (start?.kind) {
    case "extends":
      return { extendsId: start.requestId };
    case "after":
      return { afterId: start.requestId };
    case "like":
    case undefined:
      return {};
  }
}

/** Every access that is picked, each once. */
export function picked({ entitlement, more }: AskValues): EntitlementOption[] {
  const all = [entitlement, ...more].filter((one) => one !== null);
  return all.filter((one, index) => all.findIndex(({ id }) => id === one.id) === index);
}

/** Purposes that every picked access lists. */
export function purposesOf(values: AskValues): readonly string[] {
  const [first, ...rest] = picked(values);
  return (first?.purposes ?? []).filter((purpose) => rest.every(({ purposes }) => purposes.includes(purpose)));
}

/** The start as the server reads it; empty where none is given or what is typed is no time yet. */
export function startOf({ notBefore }: AskValues): string {
  const at = new Date(notBefore);
  return notBefore === "" || Number.isNaN(at.getTime()) ? "" : at.toISOString();
}

/** A bound in seconds as the field holds it. */
function minutesOf(seconds: number | null): string {
  return seconds === null ? "" : String(Math.ceil(seconds / 60));
}

/** The time without use as the server reads it; what is typed wrongly is sent as it is, so that it says so. */
export function idleSecondsOf({ idleMinutes }: AskValues): string {
  const minutes = Number(idleMinutes);
  return idleMinutes.trim() === "" ? "" : Number.isFinite(minutes) ? String(minutes * 60) : idleMinutes;
}

/** Where the preview of these values is read; null while there is nothing to say. */
export function previewAddress(values: AskValues, start: AskStart | null = null): string | null {
  const { identity, purpose, ticketKey, durationSeconds, maxUses } = values;
  const accesses = picked(values);
  if (accesses.length === 0) return null;
  const known = {
    identityId: identity?.id,
    entitlementIds: accesses.map(({ id }) => id).join(","),
    purpose: purposesOf(values).includes(purpose) ? purpose : undefined,
    durationSeconds: durationSeconds === null ? undefined : String(durationSeconds),
    ticketKey: ticketKey.trim() || undefined,
    maxUses: maxUses.trim() || undefined,
    idleSeconds: idleSecondsOf(values) || undefined,
    notBefore: startOf(values) || undefined,
    ...linksOf(start),
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(known)) if (value !== undefined) query.set(name, value);
  return `/api/preview?${query.toString()}`;
}

/** What the preview still waits for. */
export function missingIn(values: AskValues): string[] {
  const { identity, entitlement, purpose, durationSeconds } = values;
  return [
    identity ? null : "an identity",
    entitlement ? null : "an access",
    purposesOf(values).includes(purpose) ? null : "a purpose",
    durationSeconds === null ? "a duration" : null,
  ].filter((part) => part !== null);
}

/** What is still missing before it can be kept: a template may leave the identity open. */
export function missingToKeep(values: AskValues): string[] {
  const missing = missingIn(values).filter((part) => part !== "an identity");
  return values.intent.trim().length < 10 ? [...missing, "a sentence that says what will be done (10 characters or more)"] : missing;
}

/** What is kept of the form: never its ticket, its start, or why it is asked beside a standing access. */
export function keptFields(values: AskValues, withIdentity: boolean): Readonly<Record<string, string>> {
  return {
    identityId: withIdentity ? (values.identity?.id ?? "") : "",
    entitlementIds: picked(values).map(({ id }) => id).join(","),
    purpose: values.purpose,
    intent: values.intent,
    durationSeconds: String(values.durationSeconds ?? ""),
    maxUses: values.maxUses.trim(),
    idleSeconds: idleSecondsOf(values),
  };
}
