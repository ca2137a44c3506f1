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
  "promise-overdue": { name: "promise of a review overdue", next: "Do it on the target, or say in the review that it was rotated and where that can be checked." },
  "suspension-undone-outside": { name: "suspension undone outside Curfew", next: "Find out who gave the sign-in back; undo the suspension and order it again." },
  "own-account": { name: "Curfew’s own account", next: "Known and needed; its system’s page says what it holds." },
  "break-glass-overdue": { name: "emergency nobody reviewed", next: "Open it and review the use: somebody off the asking side has to." },
  "break-glass-found": { name: "review of an emergency found something", next: "Read the review and do what it asks for." },
  "on-call-not-ready": { name: "on call, but not ready", next: "Enrol a passkey and give a way to be reached; the next drill closes this." },
  "sealed-credential-used": { name: "sealed credential used", next: "Find out who broke the seal and why, then seal it again and record a check." },
  "sealed-check-overdue": { name: "sealed credential not looked at", next: "Go and look at the seal, and record what you saw." },
  "extended-often": {
    name: "Extended again and again",
    next: "Access that is always extended is standing access by habit. Ask for longer once, or find out why it does not get done in time.",
  },
  "approval-dead-end": { name: "approval that ends nowhere", next: "Put somebody into the group that is asked, or change the policy; the next look closes this." },
  "exception-ends-soon": { name: "standing exception ends soon", next: "Renew it, or take the assignment away before it ends." },
} satisfies Record<FindingKind, { name: string; next: string }>;
