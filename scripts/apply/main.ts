import { readFile } from "node:fs/promises";
import * as z from "zod";
import { connectorOf } from "@/lib/connectors/registry";
import { connectSystem, disconnectSystems } from "@/lib/connectors/connect";
import { db } from "@/lib/db/client";
import { defineEntitlement } from "@/lib/entitlements/mutations";
import { answerForIdentity, trustWorkload } from "@/lib/identities/mutations";
import { giveRole, joinTeam, registerPerson } from "@/lib/people/registration";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { recordDiscovery } from "@/lib/systems/discovery";
import { connectNewSystem, recordReachable } from "@/lib/systems/mutations";
import { organisationSchema, withSecrets, type Organisation } from "./organisation";

const actor = { kind: "system", process: "apply" } as const;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function personId(reference: string): Promise<string> {
  const row = await db.person.findFirst({ where: { leftAt: null, OR: [{ subject: reference, issuer: env.oidc.issuer }, { email: { equals: reference, mode: "insensitive" } }] }, select: { id: true } });
  if (!row) throw new RangeError(`nobody is known as ${reference}: name the person under "people" first`);
  return row.id;
}

async function teamId(name: string | null): Promise<string | null> {
  if (name === null) return null;
  const row = await db.team.findUnique({ where: { name }, select: { id: true } });
  if (!row) throw new RangeError(`there is no team ${name}: put somebody into it under "people" first`);
  return row.id;
}

async function applyPeople(people: Organisation["people"]): Promise<void> {
  for (const { roles, teams, ...profile } of people) {
    const id = await registerPerson({ ...profile, issuer: env.oidc.issuer }, { actor });
    for (const role of roles) await giveRole(id, role, { actor });
    for (const team of teams) await joinTeam(id, team, { actor });
    say(`person ${profile.name}: ${roles.join(", ") || "no role"}`);
  }
}

async function applySystems(systems: Organisation["systems"]): Promise<void> {
  for (const { name, connector, environment, config, secrets } of systems) {
    const kind = connectorOf(connector);
    const parsedConfig = z.record(z.string(), z.json()).parse(kind.config.parse(config));
    const parsedSecrets = kind.secrets.parse(withSecrets(secrets, process.env));
    const known = await db.system.findUnique({ where: { name }, select: { id: true } });
    const id = known?.id ?? newId();
    await connectNewSystem({ id, name, connector, environment, config: parsedConfig, secrets: parsedSecrets, actor, demo: false });
    const session = await connectSystem(id);
    const check = await session.check(AbortSignal.timeout(15_000));
    await recordReachable(id, check);
    if (session.discover) await recordDiscovery(id, await session.discover(AbortSignal.timeout(120_000)));
    say(`system ${name}: ${check.serverVersion}, ${check.grantable.length} group roles can be granted`);
    for (const gap of check.gaps) say(`  missing: ${gap.what}\n    ${gap.statement}`);
  }
}

async function applyEntitlements(entitlements: Organisation["entitlements"]): Promise<void> {
  for (const { system, role, owner, team, ...definition } of entitlements) {
    const row = await db.entitlement.findFirst({ where: { system: { name: system }, target: { path: ["groupRole"], equals: role } }, select: { id: true } });
    if (!row) throw new RangeError(`${system} has no group role ${role}`);
    const resourceOwnerId = owner === null ? null : await personId(owner);
    const defined = await defineEntitlement({ actor, entitlementId: row.id, ...definition, resourceOwnerId, resourceTeamId: await teamId(team), requestable: true });
    if (!defined.ok) throw new RangeError(`entitlement ${definition.name}: ${defined.code}`);
    say(`entitlement ${system}/${definition.name}: ${definition.sensitivity}`);
  }
}

async function applyIdentities(identities: Organisation["identities"]): Promise<void> {
  for (const { system, handle, owner, sponsor, backup, team, workload, kind, environment, description } of identities) {
    const row = await db.credential.findFirst({ where: { handle, system: { name: system }, vanishedAt: null }, select: { identityId: true } });
    if (!row) throw new RangeError(`${system} has no login role ${handle}`);
    const answering = { identityId: row.identityId, kind, environment, description, ownerId: await personId(owner), sponsorId: await personId(sponsor), backupId: backup === null ? null : await personId(backup), creatorId: null, teamId: await teamId(team) };
    await answerForIdentity(answering, { actor });
    if (workload) await trustWorkload(row.identityId, workload, { actor });
    say(`identity ${handle}: owned by ${owner}`);
  }
}

async function main(): Promise<void> {
  const file = process.argv[3];
  if (!file) throw new RangeError("name the file: npm run apply -- organisation.json");
  const parsed = organisationSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
  if (!parsed.success) throw new RangeError(`${file}:\n${z.prettifyError(parsed.error)}`);
  await applyPeople(parsed.data.people);
  await applySystems(parsed.data.systems);
  await applyEntitlements(parsed.data.entitlements);
  await applyIdentities(parsed.data.identities);
}

await main()
  .catch((error: unknown) => {
    process.stderr.write(`apply: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  })
  .finally(async () => {
    await disconnectSystems();
    await db.$disconnect();
  });
