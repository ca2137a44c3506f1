import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import type { Sensitivity } from "@/lib/entitlements/types";
import { makeException } from "@/lib/exceptions/mutations";
import { answerForIdentity } from "@/lib/identities/mutations";
import type { IdentityKind } from "@/lib/identities/types";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import type { DemoCatalogue } from "./catalogue";
import type { DemoPeople } from "./people";

const seed = { kind: "system", process: "seed" } as const;
const systemName = "aws-main";
const day = 86_400_000;

type DemoKey = { readonly handle: string; readonly madeDaysAgo: number; readonly rotatedDaysAgo: number | null; readonly usedDaysAgo: number | null };
type DemoHolding = { readonly entitlement: string; readonly usedDaysAgo: number | null };

type DemoIdentity = {
  readonly name: string;
  readonly kind: IdentityKind;
  readonly description: string;
  readonly owner: string;
  readonly sponsor: string;
  readonly backup: string | null;
  readonly team: string;
  readonly vendor?: string;
  readonly tags: readonly string[];
  readonly keys: readonly DemoKey[];
  readonly holds: readonly DemoHolding[];
  readonly networks?: readonly string[];
  /** At work on the first of each quarter only. */
  readonly quarterly?: boolean;
};

const offered: readonly { readonly name: string; readonly description: string; readonly sensitivity: Sensitivity }[] = [
  { name: "AdministratorAccess", description: "Everything in the account.", sensitivity: "critical" },
  { name: "billing-exports-write", description: "Write and replace the exports of invoices.", sensitivity: "high" },
  { name: "shipping-labels-read", description: "Read the labels of parcels.", sensitivity: "medium" },
  { name: "metrics-read", description: "Read metrics and dashboards.", sensitivity: "low" },
];

/** What a credential report of an account would tell: keys with their ages and uses, and what is attached. */
const identities: readonly DemoIdentity[] = [
  {
    name: "quarter-close", kind: "service-account", description: "Closes the books: exports every invoice of the quarter.", owner: "kofi", sponsor: "ines", backup: "owner", team: "Analytics", tags: ["finance", "quarterly"],
    keys: [{ handle: "AKIAQUARTERCLOSE", madeDaysAgo: 380, rotatedDaysAgo: 55, usedDaysAgo: 52 }], holds: [{ entitlement: "billing-exports-write", usedDaysAgo: 52 }], quarterly: true,
  },
  {
    name: "acme-freight", kind: "third-party", description: "Acme Freight prints our parcel labels.", owner: "owner", sponsor: "ines", backup: "ines", team: "Platform", vendor: "Acme Freight", tags: ["logistics", "vendor"],
    keys: [{ handle: "AKIAACMEFREIGHT1", madeDaysAgo: 610, rotatedDaysAgo: null, usedDaysAgo: 1 }], holds: [{ entitlement: "shipping-labels-read", usedDaysAgo: 1 }, { entitlement: "metrics-read", usedDaysAgo: null }],
  },
  {
    name: "ci-shared", kind: "ci-job", description: "One key that every pipeline uses.", owner: "owner", sponsor: "ines", backup: null, team: "Platform", tags: ["ci"],
    keys: [{ handle: "AKIACISHARED0001", madeDaysAgo: 200, rotatedDaysAgo: null, usedDaysAgo: 0 }], holds: [{ entitlement: "billing-exports-write", usedDaysAgo: null }, { entitlement: "metrics-read", usedDaysAgo: 0 }],
    networks: ["10.20.0.0/16", "10.44.0.0/16", "203.0.113.0/24"],
  },
  {
    name: "report-export-2024", kind: "api-key", description: "Exported reports until the warehouse took over.", owner: "kofi", sponsor: "owner", backup: null, team: "Analytics", tags: ["reports"],
    keys: [{ handle: "AKIAREPORT2024A", madeDaysAgo: 700, rotatedDaysAgo: null, usedDaysAgo: 215 }, { handle: "AKIAREPORT2024B", madeDaysAgo: 640, rotatedDaysAgo: null, usedDaysAgo: null }],
    holds: [{ entitlement: "AdministratorAccess", usedDaysAgo: 215 }, { entitlement: "billing-exports-write", usedDaysAgo: null }],
  },
];

type Context = { readonly people: DemoPeople; readonly now: Date; readonly systemId: string; readonly entitlement: ReadonlyMap<string, string> };

const before = (now: Date, days: number) => new Date(now.getTime() - days * day);

/** A cloud account that is known from files only, and what people said about it; once, since a visitor may change it. */
export async function seedInventory(people: DemoPeople, catalogue: DemoCatalogue, now: Date): Promise<void> {
  if (await db.system.findUnique({ where: { name: systemName }, select: { id: true } })) return;
  const systemId = newId();
  const at = before(now, 35);
  await db.$transaction(async (tx) => {
    await tx.system.create({ data: { id: systemId, name: systemName, connector: "files@1", environment: "production", config: {}, createdAt: at, discoveredAt: at, demo: true } });
    await appendEvent(tx, { type: "system.connected", at, actor: seed, subjects: { system: systemId }, data: { connector: "files@1" }, clear: { name: systemName }, demo: true });
  });
  const entitlement = new Map(offered.map(({ name }) => [name, newId()]));
  await db.entitlement.createMany({
    data: offered.map((entry) => ({ ...entry, id: entitlement.get(entry.name) ?? newId(), systemId, target: { name: entry.name }, actions: [], purposes: [], createdAt: at, demo: true })),
  });
  const context = { people, now, systemId, entitlement };
  const made = new Map<string, string>();
  for (const entry of identities) made.set(entry.name, await seedIdentity(entry, context));
  const said = { actor: seed, clock: fixedClock(at), demo: true };
  await answerForIdentity({ identityId: catalogue.identity("vendor_acme"), vendor: "Acme Logistics", tags: ["logistics", "vendor"] }, said);
  await answerForIdentity({ identityId: catalogue.identity("billing_sync"), tags: ["finance", "payments"] }, said);
  await except(made.get("acme-freight"), { ownerId: people.person("owner"), madeDaysAgo: 30, endsInDays: 60, context });
  await except(made.get("quarter-close"), { ownerId: people.person("kofi"), madeDaysAgo: 30, endsInDays: 9, context });
}

async function seedIdentity(entry: DemoIdentity, { people, now, systemId, entitlement }: Context): Promise<string> {
  const id = newId();
  const visibleSince = before(now, 400);
  const last = entry.quarterly ? Math.floor((now.getTime() - (quarterStarts(now)[0]?.getTime() ?? 0)) / day) : null;
  const lastUse = (daysAgo: number | null) => (daysAgo === null ? null : before(now, last ?? daysAgo));
  const used = entry.keys.flatMap(({ usedDaysAgo }) => lastUse(usedDaysAgo)?.getTime() ?? []);
  const seen = { firstSeenAt: before(now, 35), lastSeenAt: now };
  const { name, kind } = entry;
  await db.$transaction(async (tx) => {
    const lastActiveAt = used.length > 0 ? new Date(Math.max(...used)) : null;
    await tx.identity.create({
      data: { id, name, kind, environment: "production", state: "unowned", source: "import", systemId, externalKey: `arn:aws:iam::123456789012:user/${name}`, lastActiveAt, visibleSince, isShared: entry.networks !== undefined, demo: true, ...seen },
    });
    await appendEvent(tx, { type: "identity.registered", at: seen.firstSeenAt, actor: seed, subjects: { identity: id, system: systemId }, data: { kind, source: "import" }, clear: { name }, demo: true });
  });
  await db.credential.createMany({
    data: entry.keys.map(({ handle, madeDaysAgo, rotatedDaysAgo, usedDaysAgo }) => ({
      id: newId(), identityId: id, systemId, handle, targetId: handle, kind: "access-key", createdAt: before(now, madeDaysAgo),
      rotatedAt: rotatedDaysAgo === null ? null : before(now, rotatedDaysAgo), lastUsedAt: lastUse(usedDaysAgo), visibleSince, facts: {}, ...seen,
    })),
  });
  await db.assignment.createMany({
    data: entry.holds.map((holding) => ({
      id: newId(), identityId: id, entitlementId: entitlement.get(holding.entitlement) ?? "", kind: "standing", path: [], visibleSince,
      lastUsedAt: lastUse(holding.usedDaysAgo), useMatch: holding.usedDaysAgo === null ? null : "exact", ...seen,
    })),
  });
  await db.useSource.createMany({ data: (entry.networks ?? []).map((value) => ({ identityId: id, kind: "network", value, ...seen })) });
  if (entry.quarterly) await db.useDay.createMany({ data: quarterStarts(now).map((start) => ({ identityId: id, day: start })) });
  await answerForIdentity(
    {
      identityId: id, description: entry.description, ownerId: people.person(entry.owner), sponsorId: people.person(entry.sponsor),
      backupId: entry.backup ? people.person(entry.backup) : null, teamId: people.team(entry.team), vendor: entry.vendor ?? null, tags: [...entry.tags].sort(),
    },
    { actor: seed, clock: fixedClock(seen.firstSeenAt), demo: true },
  );
  return id;
}

/** The first days of the last four quarters. */
function quarterStarts(now: Date): Date[] {
  const quarter = Math.floor(now.getUTCMonth() / 3) * 3;
  return [0, 3, 6, 9].map((back) => new Date(Date.UTC(now.getUTCFullYear(), quarter - back, 1)));
}

type Excepting = { readonly ownerId: string; readonly madeDaysAgo: number; readonly endsInDays: number; readonly context: Context };

/** An exception as an administrator would have made it. */
async function except(identityId: string | undefined, { ownerId, madeDaysAgo, endsInDays, context: { people, now } }: Excepting): Promise<void> {
  const held = await db.assignment.findFirstOrThrow({ where: { identityId: identityId ?? "", kind: "standing" }, select: { id: true }, orderBy: { id: "asc" } });
  const made = await makeException({
    actor: { kind: "person", personId: people.person("administrator"), name: "", roles: ["administrator"] },
    assignmentId: held.id,
    ownerId,
    reason: "It cannot ask for access by itself yet; the change is planned for spring",
    controls: "Its key works from two networks only, and every use raises an alarm outside working hours",
    endsOn: before(now, -endsInDays).toISOString().slice(0, 10),
    clock: fixedClock(before(now, madeDaysAgo)),
    demo: true,
  });
  if (!made.ok) throw new RangeError(`demo exception: ${made.code}`);
}
