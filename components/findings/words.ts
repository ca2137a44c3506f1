import type { FindingKind, SeenRefusal } from "@/lib/findings/rules";

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
  "use-outside-scope": { name: "used beyond what it gives", next: "Find out how it got there: another way in, or an entitlement that gives more than it says." },
  "use-before-start": { name: "used before its start", next: "Find out who had the credential before the session; compare the clocks." },
  "use-after-end": { name: "used after its end", next: "End it again on the target and find out why it still worked." },
  "use-outside-session": { name: "used outside any session", next: "Move its work to sessions, answer for the access with a standing exception, or take it away; then say that you looked." },
  "use-by-other": { name: "used by somebody else", next: "Find out how another principal came to use it." },
  "grant-never-used": { name: "granted and not used", next: "Ask for it when it is needed; leave it out of the next request." },
  "grant-far-longer": { name: "open far longer than used", next: "Ask for less time next time; the approver’s card offers it." },
  "issued-without-approval": { name: "issued without approval", next: "Read the chain: who could write to Curfew’s database or target then?" },
  "ended-late": { name: "ended late", next: "See on the system’s page why the target took the end so late." },
  "end-unproven": { name: "end not proven", next: "Open the chain: it says until when it can still work, and the stronger action." },
  "approver-on-side": { name: "approver on the asking side", next: "Let somebody off the asking side look at what was approved." },
  "policy-by-beneficiary": { name: "policy changed by who profits", next: "Let somebody else look at the change of the policy and at what it let through." },
  "ticket-closed-before-use": { name: "used after its ticket was closed", next: "Find out what it was used for, and why it was not ended with the ticket." },
  "still-reachable": { name: "still reachable another way", next: "Take the other way away, or answer for it with a standing exception." },
  "ledger-broken": { name: "ledger not as signed", next: "Nothing is signed until it is. Keep a copy of the database, then put the named rows back from a backup; find out who could write to it." },
  "checkpoints-inside": {
    name: "no checkpoint outside",
    next: "Settings, Checkpoints: name a folder, mailbox, address or witness outside, or mend the one that fails. Whoever has the database and its key could write another past until one has left; the next that arrives closes this.",
  },
  "place-unreached": { name: "checkpoints do not get somewhere", next: "Settings, Checkpoints says why. Mend it and press Send now, or remove the place; either closes this." },
} satisfies Record<FindingKind, { name: string; next: string }>;

/** Why nobody’s word was taken on a finding. */
export const seenRefusals = {
  "unknown-finding": "This finding is not yours to look at. Nothing changed.",
  "already-closed": "It has closed by itself since. Nothing was saved, and nothing is left to do.",
  "already-seen": "Somebody said so just before you. Load the page again to read it; nothing of yours was saved.",
  "closes-by-itself": "It closes by itself once the gap is gone; a word does not settle it.",
  "own-act": "You asked for this, voted on it, ended it or stand on its asking side. Somebody else has to look at it; nothing was saved.",
  "secret-in-text": "This looks like a secret. Nothing was saved: take it out.",
} satisfies Record<SeenRefusal | "secret-in-text", string>;
