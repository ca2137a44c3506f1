import { randomUUID } from "node:crypto";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { activatePolicySet } from "@/lib/policies/mutations";
import { samplePolicies } from "@/lib/policies/sample";
import { submitRequest } from "@/lib/requests/mutations";
import { teams, template } from "./data";

/** One request to each team, asked for as people ask. */
async function main(): Promise<void> {
  const policies = await inTransaction((tx, now) => activatePolicySet(tx, { policies: samplePolicies, actor: { kind: "system", process: "seed" }, now }));
  if (!policies.ok) throw new Error(policies.code);
  const asker = await db.person.findUniqueOrThrow({ where: { id: template.askerId }, select: { id: true, name: true } });
  const entitlements = await db.entitlement.findMany({ select: { id: true }, orderBy: { id: "asc" }, take: teams });
  for (const [at, { id }] of entitlements.entries()) {
    const asked = await submitRequest({
      actor: { kind: "person", personId: asker.id, name: asker.name, roles: ["requester"] },
      identityId: template.identityId(at + 1),
      entitlementIds: [id],
      purpose: "backfill",
      intent: "Backfill the currency column of the orders of spring",
      ticketKey: "BENCH-1",
      durationSeconds: 3_600,
      idempotencyKey: randomUUID(),
      sourceAddress: null,
    });
    if (!asked.ok) throw new Error(`the template of team ${at + 1} was refused: ${asked.code} ${JSON.stringify(asked.detail ?? {})}`);
  }
  await db.$disconnect();
}

await main();
