import { randomUUID } from "node:crypto";
import { connectSystem, disconnectSystems, installationTag } from "@/lib/connectors/connect";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { newestActivation } from "@/lib/policies/data";
import { activatePolicySet } from "@/lib/policies/mutations";
import { samplePolicies } from "@/lib/policies/sample";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { submitRequest } from "@/lib/requests/mutations";
import { recordDiscovery } from "@/lib/systems/discovery";
import { connectNewSystem, recordReachable } from "@/lib/systems/mutations";
import { readDemoTarget, type DemoTarget } from "../scripts/demo/target-accounts";
import { seedCatalogue, trustDemoWorkload, type DemoCatalogue } from "./demo/catalogue";
import { seedHistory } from "./demo/history";
import { seedInventory } from "./demo/inventory";
import { seedReviews } from "./demo/reviews";
import { seedOnCall, seedPeople, type DemoPeople } from "./demo/people";

const seed = { kind: "system", process: "seed" } as const;
const systemName = "orders-db";
const historyDays = 40;

/** Connects the demo's target as an administrator would, and reads what is there before anything else is said about it. */
async function seedSystem(target: DemoTarget): Promise<string> {
  const known = await db.system.findUnique({ where: { name: systemName }, select: { id: true } });
  const id = known?.id ?? newId();
  const config = { host: target.host, port: target.port, database: target.database, sslmode: "disable" };
  const secrets = { connector: target.connector, probe: target.probe };
  await connectNewSystem({ id, name: systemName, connector: "postgres@1", environment: "production", config, secrets, actor: seed, demo: true });
  const session = await connectSystem(id);
  await recordReachable(id, await session.check(AbortSignal.timeout(10_000)));
  if (session.discover) await recordDiscovery(id, await session.discover(AbortSignal.timeout(60_000)));
  return id;
}

/** Requests that wait now, so that the first visitor has something to decide. */
async function seedWaiting(people: DemoPeople, catalogue: DemoCatalogue): Promise<void> {
  const waiting = [
    { by: "requester", identity: "deploy_bot", entitlement: "orders_write", purpose: "backfill", intent: "Backfill the currency column of the orders placed in spring", ticketKey: "CHG-560", minutes: 30 },
    { by: "kofi", identity: "report_nightly", entitlement: "orders_read", purpose: "reporting", intent: "Compare order totals with the revenue mart for the board report", ticketKey: "RPT-118", minutes: 120 },
  ];
  for (const { by, identity, entitlement, minutes, ...ask } of waiting) {
    const row = await db.person.findUniqueOrThrow({ where: { id: people.person(by) }, select: { id: true, name: true } });
    const asked = await submitRequest({
      ...ask,
      // Stored only where whoever asks answers for an identity that holds it standing.
      standingReason: "Its standing access is to be taken away: this tries the way that stays",
      actor: { kind: "person", personId: row.id, name: row.name, roles: ["requester"] },
      identityId: catalogue.identity(identity),
      entitlementIds: [catalogue.entitlement(entitlement)],
      durationSeconds: minutes * 60,
      idempotencyKey: randomUUID(),
      sourceAddress: null,
    });
    if (!asked.ok) throw new RangeError(`demo request "${ask.intent}" was refused: ${asked.code}`);
  }
}

async function main(): Promise<void> {
  if (!env.demo) throw new RangeError("the demo organisation is only for the demo (CURFEW_DEMO=1)");
  const file = process.env.CURFEW_DEMO_TARGET_FILE;
  if (!file) throw new RangeError("CURFEW_DEMO_TARGET_FILE names no file");
  const now = new Date();
  const since = new Date(now.getTime() - historyDays * 86_400_000);
  // Only the first time: an administrator's set stays in force over a restart.
  if ((await newestActivation(db)) === null) {
    const activated = await inTransaction((tx, at) => activatePolicySet(tx, { policies: samplePolicies, actor: seed, now: at }));
    if (!activated.ok) throw new RangeError(`sample policies: ${activated.code}`);
  }
  const people = await seedPeople(env.oidc.issuer, since);
  await seedOnCall(people, now);
  const systemId = await seedSystem(await readDemoTarget(file));
  const catalogue = await seedCatalogue(systemId, people, since);
  await trustDemoWorkload(catalogue, env.oidc.issuer);
  await seedInventory(people, catalogue, now);
  if ((await db.request.count({ where: { demo: true } })) === 0) {
    const stories = await seedHistory({ people, catalogue, installationTag: await installationTag() }, now);
    await seedWaiting(people, catalogue);
    await sequenceEvents();
    process.stdout.write(`${stories} stories of the past and 2 waiting requests\n`);
  }
  if ((await db.review.count({ where: { demo: true } })) === 0) await seedReviews({ people, catalogue }, now);
  await disconnectSystems();
  await db.$disconnect();
}

await main();
