import { giveRole, joinTeam, registerPerson } from "@/lib/people/registration";
import { setOnCall } from "@/lib/people/teams";
import type { Role } from "@/lib/auth/permissions";
import { fixedClock } from "@/lib/db/transaction";
import { db } from "@/lib/db/client";
import { personas } from "../../scripts/demo/personas";

const seed = { kind: "system", process: "seed" } as const;

type DemoPerson = { readonly subject: string; readonly name: string; readonly roles: readonly Role[]; readonly teams: readonly string[] };

const rolesOf: Readonly<Record<string, Pick<DemoPerson, "roles" | "teams">>> = {
  requester: { roles: ["requester"], teams: ["Delivery"] },
  approver: { roles: ["approver"], teams: ["Data"] },
  "second-approver": { roles: ["approver"], teams: ["Security"] },
  owner: { roles: ["owner"], teams: ["Platform"] },
  auditor: { roles: ["auditor"], teams: [] },
  administrator: { roles: ["administrator"], teams: [] },
  outsider: { roles: [], teams: [] },
};

/** Colleagues who never sign in: without them every team would be one person. */
const colleagues: readonly DemoPerson[] = [
  { subject: "mika", name: "Mika Tanaka", roles: ["approver"], teams: ["Data"] },
  { subject: "tomasz", name: "Tomasz Wolny", roles: ["approver"], teams: ["Security"] },
  { subject: "farah", name: "Farah Aziz", roles: ["approver"], teams: ["Finance"] },
  { subject: "jonas", name: "Jonas Weber", roles: ["requester"], teams: ["Delivery"] },
  { subject: "ines", name: "Inês Duarte", roles: ["owner"], teams: ["Platform"] },
  { subject: "kofi", name: "Kofi Mensah", roles: ["owner", "requester"], teams: ["Analytics"] },
];

/** Ids of the demo organisation's people and teams, by subject and by name. */
export type DemoPeople = { readonly person: (subject: string) => string; readonly team: (name: string) => string };

/** Registers the demo organisation's people. The issuer may have moved to another port since the last start. */
export async function seedPeople(issuer: string, since: Date): Promise<DemoPeople> {
  await db.person.updateMany({ where: { demo: true, issuer: { not: issuer } }, data: { issuer } });
  const context = { actor: seed, clock: fixedClock(since), demo: true };
  const everybody: DemoPerson[] = [
    ...personas.map(({ sub, name }) => ({ subject: sub, name, ...(rolesOf[sub] ?? { roles: [], teams: [] }) })),
    ...colleagues,
  ];
  const people = new Map<string, string>();
  const teams = new Map<string, string>();
  for (const { subject, name, roles, teams: names } of everybody) {
    const id = await registerPerson({ issuer, subject, name, email: `${subject}@demo.curfew.test` }, context);
    people.set(subject, id);
    for (const role of roles) await giveRole(id, role, context);
    for (const team of names) teams.set(team, await joinTeam(id, team, context));
  }
  return { person: (subject) => found(people, subject), team: (name) => found(teams, name) };
}

const dutyDays = 90;

/** Puts somebody of Platform on call, once: whoever is on call may break the glass of what their team answers for. */
export async function seedOnCall(people: DemoPeople, now: Date): Promise<void> {
  const [teamId, personId] = [people.team("Platform"), people.person("owner")];
  if ((await db.onCall.count({ where: { teamId, personId } })) > 0) return;
  const by = await db.person.findUniqueOrThrow({ where: { id: people.person("administrator") }, select: { id: true, name: true } });
  const actor = { kind: "person", personId: by.id, name: by.name, roles: ["administrator"] } as const;
  const set = await setOnCall({ actor, personId, teamId, from: now, until: new Date(now.getTime() + dutyDays * 86_400_000) });
  if (!set.ok) throw new RangeError(`on call: ${set.code}`);
}

function found(map: ReadonlyMap<string, string>, key: string): string {
  const value = map.get(key);
  if (value === undefined) throw new RangeError(`the demo organisation has no ${key}`);
  return value;
}
