import { evaluate } from "@/lib/policies/cedar";
import { samplePolicies } from "@/lib/policies/sample";
import { percentile, type Row } from "./report";

const question: Parameters<typeof evaluate>[1] = {
  identity: { id: "i", name: "deploy_bot", kind: "ci-job", environment: "production", state: "active", hasOwner: true, vanished: false, shared: false, teamId: null, team: null },
  entitlement: { id: "e", name: "write orders", system: "orders-db", environment: "production", sensitivity: "high", actions: ["UPDATE"], role: "orders_write" },
  context: {
    moment: "request", at: new Date(0), purpose: "backfill", durationSeconds: 1800, maxUses: null,
    ticket: { key: "CHG-1", verified: false }, requester: { kind: "person", attested: true },
    history: { timesGranted: 5, standing: false }, sourceAddress: null,
  },
};

/** Policy alone: the sample set asked in this process. */
export function benchPolicy(): Row[] {
  const samples: number[] = [];
  for (let round = 0; round < 2_000; round++) {
    const start = performance.now();
    if (evaluate(samplePolicies, question).outcome !== "permit") throw new Error("the sample policies refuse the benchmark's question");
    if (round >= 200) samples.push(performance.now() - start);
  }
  const figure = `p50 ${percentile(samples, 0.5).toFixed(2)} ms · p99 ${percentile(samples, 0.99).toFixed(2)} ms`;
  return [{ what: "policy answer alone", size: `${samples.length} questions, ${Object.keys(samplePolicies).length} policies`, figure, limit: "–", holds: null }];
}
