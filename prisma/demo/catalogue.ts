import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import { defineEntitlement } from "@/lib/entitlements/mutations";
import type { Sensitivity } from "@/lib/entitlements/types";
import { answerForIdentity, setIdentityState, trustWorkload } from "@/lib/identities/mutations";
import type { IdentityKind } from "@/lib/identities/types";
import type { DemoPeople } from "./people";

const seed = { kind: "system", process: "seed" } as const;

type DemoEntitlement = {
  readonly role: string;
  readonly name: string;
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly owner: string;
  readonly team: string;
  readonly purposes: readonly string[];
};

const entitlements: readonly DemoEntitlement[] = [
  { role: "warehouse_read", name: "read the warehouse marts", description: "Read revenue and stock marts. No customer data.", sensitivity: "low", owner: "mika", team: "Data", purposes: ["reporting", "debugging"] },
  { role: "orders_read", name: "read orders", description: "Read customers, orders, items and shipments of the shop.", sensitivity: "medium", owner: "approver", team: "Data", purposes: ["debugging", "reporting", "migration"] },
  { role: "warehouse_load", name: "load the warehouse", description: "Load staging tables and rebuild the marts.", sensitivity: "medium", owner: "mika", team: "Data", purposes: ["backfill", "load"] },
  { role: "payments_read", name: "read payments", description: "Read payments and refunds.", sensitivity: "high", owner: "farah", team: "Finance", purposes: ["reconciliation", "incident"] },
  { role: "orders_write", name: "write orders", description: "Change orders and their items in production; reads what it changes.", sensitivity: "high", owner: "approver", team: "Data", purposes: ["backfill", "migration", "incident"] },
  { role: "orders_admin", name: "repair orders by hand", description: "Change and delete orders, items and shipments in production.", sensitivity: "critical", owner: "approver", team: "Data", purposes: ["incident"] },
];

type DemoIdentity = {
  readonly role: string;
  readonly kind: IdentityKind;
  readonly description: string;
  readonly owner: string;
  readonly sponsor: string;
  readonly backup: string | null;
  readonly team: string;
};

const identities: readonly DemoIdentity[] = [
  { role: "deploy_bot", kind: "ci-job", description: "Ships releases of the shop and runs its migrations.", owner: "owner", sponsor: "ines", backup: "ines", team: "Platform" },
  { role: "nightly_backfill", kind: "ci-job", description: "Nightly job that backfills columns of the orders database.", owner: "owner", sponsor: "ines", backup: null, team: "Platform" },
  { role: "billing_sync", kind: "service-account", description: "Copies payments to the billing system every few minutes.", owner: "owner", sponsor: "kofi", backup: "ines", team: "Platform" },
  { role: "report_nightly", kind: "service-account", description: "Builds the morning reports.", owner: "kofi", sponsor: "ines", backup: "owner", team: "Analytics" },
  { role: "legacy_etl", kind: "service-account", description: "Old extract job; writes orders as a side effect nobody remembers.", owner: "owner", sponsor: "kofi", backup: null, team: "Platform" },
  { role: "svc_checkout", kind: "workload", description: "The shop's checkout service.", owner: "ines", sponsor: "owner", backup: "owner", team: "Platform" },
  { role: "svc_shipping", kind: "workload", description: "The shop's shipping service.", owner: "ines", sponsor: "owner", backup: null, team: "Platform" },
  { role: "svc_payments", kind: "workload", description: "The shop's payment service.", owner: "ines", sponsor: "owner", backup: "owner", team: "Platform" },
  { role: "agent_support", kind: "ai-agent", description: "Answers support questions; looks orders up.", owner: "owner", sponsor: "kofi", backup: "ines", team: "Platform" },
  { role: "agent_pricing", kind: "ai-agent", description: "Proposes prices from order history.", owner: "kofi", sponsor: "owner", backup: null, team: "Analytics" },
  { role: "metabase", kind: "service-account", description: "Dashboards of Analytics.", owner: "kofi", sponsor: "ines", backup: "ines", team: "Analytics" },
  { role: "airflow_loader", kind: "service-account", description: "Loads the warehouse.", owner: "kofi", sponsor: "ines", backup: null, team: "Analytics" },
  { role: "dbt_runner", kind: "ci-job", description: "Builds the warehouse's models.", owner: "kofi", sponsor: "ines", backup: "ines", team: "Analytics" },
  { role: "inventory_sync", kind: "service-account", description: "Keeps stock in step with the warehouse.", owner: "ines", sponsor: "owner", backup: null, team: "Platform" },
  { role: "fraud_scorer", kind: "workload", description: "Scores payments.", owner: "ines", sponsor: "kofi", backup: null, team: "Platform" },
  { role: "vendor_acme", kind: "third-party", description: "Acme Logistics reads shipments.", owner: "owner", sponsor: "ines", backup: "ines", team: "Platform" },
  { role: "coupon_import", kind: "service-account", description: "Imported coupons from the old shop.", owner: "owner", sponsor: "ines", backup: null, team: "Platform" },
  { role: "partner_feed", kind: "third-party", description: "Order feed for partners; one of them may still read it.", owner: "owner", sponsor: "kofi", backup: "ines", team: "Platform" },
  { role: "old_forecast", kind: "ci-job", description: "Forecasts before the new model.", owner: "owner", sponsor: "ines", backup: null, team: "Analytics" },
  { role: "jenkins_old", kind: "ci-job", description: "The Jenkins before the current pipeline.", owner: "owner", sponsor: "ines", backup: null, team: "Platform" },
];

/** What a CI job of the demo calls itself, and which identity it is. */
export const demoWorkload = { role: "nightly_backfill", subject: "repo:acme/orders:ref:refs/heads/main:job:nightly-backfill" } as const;

/** Ids of the demo's identities and entitlements, by the role that they have on the target. */
export type DemoCatalogue = { readonly identity: (role: string) => string; readonly entitlement: (role: string) => string };

/** Says what discovery cannot know: what entitlements are for and who owns them, and who answers for which identity. */
export async function seedCatalogue(systemId: string, people: DemoPeople, since: Date): Promise<DemoCatalogue> {
  const context = { actor: seed, clock: fixedClock(since), demo: true };
  const entitlementIds = new Map<string, string>();
  for (const entry of entitlements) {
    const row = await db.entitlement.findFirstOrThrow({ where: { systemId, target: { path: ["groupRole"], equals: entry.role } }, select: { id: true, requestable: true } });
    entitlementIds.set(entry.role, row.id);
    if (row.requestable) continue;
    const { name, description, sensitivity, purposes } = entry;
    const terms = { name, description, sensitivity, purposes, maxDurationSeconds: null, requestable: true };
    const defined = await defineEntitlement({ ...context, ...terms, entitlementId: row.id, resourceOwnerId: people.person(entry.owner), resourceTeamId: people.team(entry.team) });
    if (!defined.ok) throw new RangeError(`entitlement ${entry.role}: ${defined.code}`);
  }
  const identityIds = new Map<string, string>();
  for (const entry of identities) identityIds.set(entry.role, await answer(systemId, entry, people, context));
  const find = (map: ReadonlyMap<string, string>) => (role: string) => {
    const id = map.get(role);
    if (id === undefined) throw new RangeError(`the demo has no ${role}`);
    return id;
  };
  return { identity: find(identityIds), entitlement: find(entitlementIds) };
}

async function answer(
  systemId: string,
  entry: DemoIdentity,
  people: DemoPeople,
  context: { actor: typeof seed; clock: ReturnType<typeof fixedClock>; demo: boolean },
): Promise<string> {
  const credential = await db.credential.findFirstOrThrow({ where: { systemId, handle: entry.role }, select: { identityId: true, identity: { select: { ownerId: true } } } });
  const { identityId } = credential;
  if (credential.identity.ownerId !== null) return identityId;
  const { kind, description } = entry;
  await answerForIdentity(
    {
      identityId,
      kind,
      description,
      environment: "production",
      ownerId: people.person(entry.owner),
      sponsorId: people.person(entry.sponsor),
      backupId: entry.backup ? people.person(entry.backup) : null,
      creatorId: null,
      teamId: people.team(entry.team),
    },
    context,
  );
  if (entry.role === "jenkins_old") await setIdentityState(identityId, "suspended", context);
  return identityId;
}

/** Lets the demo's CI job act as its identity; the issuer may have moved to another port since the last start. */
export async function trustDemoWorkload(catalogue: DemoCatalogue, issuer: string): Promise<void> {
  await trustWorkload(catalogue.identity(demoWorkload.role), { issuer, subject: demoWorkload.subject }, { actor: seed, demo: true });
}
