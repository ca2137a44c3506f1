import type { FindingKind } from "@/lib/findings/rules";

/** What is wrong, and what makes it go away. */
export const findingWords = {
  "left-behind": { name: "left behind on the target", next: "Look at what was left and remove it on the target." },
  "unexplained-credential": { name: "credential that no grant explains", next: "Find out who made it; remove it on the target if nobody did." },
  "credential-after-proof": { name: "credential back after its proven end", next: "Curfew ends it again; find out who made it." },
  "suspension-stuck": { name: "suspension not proven", next: "See the identity’s page for what the target answers." },
  "foreign-handle": { name: "handle of another installation", next: "Only report: find out which installation it belongs to." },
  "orphaned-identity": { name: "orphan: nobody answers for it", next: "Name an owner; until then it gets no new grants." },
  "place-left-empty": { name: "sponsor or backup left", next: "Name somebody for the empty place." },
  "side-door": { name: "side door", next: "Take it away on the target, or answer for it with a standing exception." },
  "exception-ends-soon": { name: "standing exception ends soon", next: "Renew it, or take the assignment away before it ends." },
} satisfies Record<FindingKind, { name: string; next: string }>;
