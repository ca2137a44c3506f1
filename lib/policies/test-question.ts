import type { EntitlementFacts, IdentityFacts, PolicyQuestion, QuestionContext } from "./types";

/** What a test changes of the question below. */
export type QuestionChanges = {
  readonly identity?: Partial<IdentityFacts>;
  readonly entitlement?: Partial<EntitlementFacts>;
  readonly context?: Partial<QuestionContext>;
};

/** A question in which nothing is wrong: an owned CI job asks for write on production for half an hour, with a ticket. */
export function questionOf(changes: QuestionChanges = {}): PolicyQuestion {
  return {
    identity: {
      id: "019aa9c2-7d3e-7c4b-8a51-000000000001",
      name: "deploy-bot",
      kind: "ci-job",
      environment: "production",
      state: "active",
      hasOwner: true,
      vanished: false,
      shared: false,
      teamId: "019aa9c2-7d3e-7c4b-8a51-000000000002",
      team: "Delivery",
      ...changes.identity,
    },
    entitlement: {
      id: "019aa9c2-7d3e-7c4b-8a51-000000000003",
      name: "orders: write",
      system: "orders-db",
      environment: "production",
      sensitivity: "high",
      actions: ["UPDATE", "INSERT"],
      role: "orders_rw",
      ...changes.entitlement,
    },
    context: {
      moment: "request",
      // A Sunday.
      at: new Date("2026-11-22T10:30:00Z"),
      purpose: "backfill",
      durationSeconds: 1_800,
      maxUses: null,
      ticket: { key: "CHG-482", verified: false },
      requester: { kind: "person", attested: true },
      history: { timesGranted: 5, standing: false },
      sourceAddress: "10.12.4.7",
      ...changes.context,
    },
  };
}
