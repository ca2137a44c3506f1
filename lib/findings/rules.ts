/** Kinds of findings known so far, with the controls they speak to. Ids only: evidence for a control, never "compliant". */
const kinds = {
  "left-behind": ["NHI5:2025", "CC6.3", "AC-6"],
  "unexplained-credential": ["NHI7:2025", "CC6.2", "AC-2"],
  "credential-after-proof": ["NHI1:2025", "CC6.3", "AC-2(3)"],
  "suspension-stuck": ["NHI1:2025", "CC6.3", "AC-2(3)"],
  "foreign-handle": ["NHI7:2025", "AC-2"],
  "orphaned-identity": ["NHI1:2025", "CC6.2", "AC-2"],
  "place-left-empty": ["CC6.2", "AC-2"],
  "side-door": ["NHI5:2025", "CC6.3", "AC-6"],
  "promise-overdue": ["NHI7:2025", "CC6.2", "IA-5(1)"],
  "suspension-undone-outside": ["NHI1:2025", "CC6.3", "AC-2(3)"],
  "own-account": ["CC6.3", "AC-6(5)"],
  "break-glass-overdue": ["CC7.4", "AC-3(10)", "AC-2(2)"],
  "break-glass-found": ["CC7.4", "AC-3(10)", "AC-2(2)"],
  "on-call-not-ready": ["CC7.4", "AC-3(10)"],
  "sealed-credential-used": ["NHI5:2025", "CC7.4", "AC-3(10)"],
  "sealed-check-overdue": ["CC7.4", "AC-3(10)"],
  "extended-often": ["NHI5:2025", "CC6.3", "AC-2(3)"],
  "approval-dead-end": ["CC6.2", "CC6.3", "AC-5"],
  "exception-ends-soon": ["NHI5:2025", "CC6.3", "AC-6(7)"],
  "use-outside-scope": ["NHI5:2025", "CC7.2", "AC-6(9)"],
  "use-before-start": ["CC7.2", "AC-2(11)", "AU-6"],
  "use-after-end": ["NHI1:2025", "CC6.3", "AC-2(3)"],
  "use-outside-session": ["NHI5:2025", "CC7.2", "AC-2(12)"],
  "use-by-other": ["NHI9:2025", "CC7.2", "IA-9"],
  "grant-never-used": ["NHI5:2025", "CC6.3", "AC-6(7)"],
  "grant-far-longer": ["NHI7:2025", "CC6.3", "AC-2(2)"],
  "issued-without-approval": ["CC6.2", "CC6.3", "AC-2"],
  "ended-late": ["NHI1:2025", "CC6.3", "AC-12"],
  "end-unproven": ["NHI1:2025", "CC6.3", "AC-2(3)"],
  "approver-on-side": ["CC6.3", "AC-5", "ASI09"],
  "policy-by-beneficiary": ["CC6.3", "AC-5", "AC-24"],
  "ticket-closed-before-use": ["CC6.2", "AC-2(11)", "AU-6(9)"],
  "still-reachable": ["NHI5:2025", "CC6.3", "AC-6"],
  "ledger-broken": ["CC7.2", "AU-9(3)", "AU-10"],
  "checkpoints-inside": ["CC7.2", "AU-9(2)", "AU-9(3)"],
  "place-unreached": ["CC7.2", "AU-9(2)"],
} as const satisfies Record<string, readonly string[]>;

export type FindingKind = keyof typeof kinds;

/** Every kind, for filters. */
export const findingKinds = Object.keys(kinds) as FindingKind[];

/** Control ids that a kind of finding is evidence for. */
export function controlsOf(kind: FindingKind): readonly string[] {
  return kinds[kind];
}

/**
 * What lies in the past and cannot be undone: somebody may look at it and say so. The others close once their gap is gone, and a
 * word would only hide it: an end that is not proven is nothing past.
 */
const historic: ReadonlySet<FindingKind> = new Set([
  "use-outside-scope", "use-before-start", "use-after-end", "use-by-other", "use-outside-session", "grant-never-used", "grant-far-longer", "issued-without-approval", "ended-late",
  "approver-on-side", "policy-by-beneficiary", "ticket-closed-before-use", "still-reachable", "extended-often", "left-behind", "credential-after-proof", "break-glass-found",
]);

/** Whether somebody can say of it that they looked: it is open, it lies in the past, and nobody said so yet. */
export function canBeSeen({ kind, closedAt, seenAt }: { readonly kind: FindingKind; readonly closedAt: unknown; readonly seenAt: unknown }): boolean {
  return historic.has(kind) && closedAt === null && seenAt === null;
}

/** A finding as the rule on looking at it knows it. `doers`: whose acts it is about. */
export type SeenFacts = {
  readonly kind: FindingKind;
  readonly closedAt: Date | null;
  readonly seenAt: Date | null;
  readonly answerers: readonly string[];
  readonly doers: readonly string[];
};

export type SeenRefusal = "unknown-finding" | "already-closed" | "already-seen" | "closes-by-itself" | "own-act";

/** Why somebody may not say that they looked at a finding; null where they may. Nobody settles what they did, asked for or approved themselves. */
export function whyNotSee(finding: SeenFacts | null, { personId, seesAll }: { readonly personId: string; readonly seesAll: boolean }): SeenRefusal | null {
  if (!finding || !(seesAll || finding.answerers.includes(personId))) return "unknown-finding";
  if (finding.closedAt) return "already-closed";
  if (finding.seenAt) return "already-seen";
  if (!historic.has(finding.kind)) return "closes-by-itself";
  return finding.doers.includes(personId) ? "own-act" : null;
}
