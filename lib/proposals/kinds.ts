import "server-only";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { roles } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import { applyLowering } from "@/lib/entitlements/mutations";
import { sensitivities } from "@/lib/entitlements/types";
import { makeKey } from "@/lib/ledger/tree/keys";
import { takeTreeTurn } from "@/lib/ledger/tree/tiles";
import { applyEngagement, engagementSchema, systemsOf } from "@/lib/auditors/engaging";
import { applyRole } from "@/lib/people/roles";
import { postgresConfigSchema } from "@/lib/connectors/postgres/schema";
import { applyConnection, applyConnectionChange } from "@/lib/systems/mutations";
import { sealedConnectionSchema } from "@/lib/systems/connect-schema";
import { applyListing, listingSchema } from "@/lib/break-glass/list";
import { AppError } from "@/lib/platform/errors";
import { formatList, formatUtc } from "@/lib/platform/format";
import { ok, type Result } from "@/lib/platform/result";
import { proposalKinds, type ProposalKind } from "./types";

/** Who does it, and when: the one who confirmed it, or the only administrator. */
type Doing = { readonly actor: PersonActor; readonly now: Date };

/** One kind of change. `apply` runs in the transaction that confirms it; a refusal leaves everything as it was. */
type Kind<Payload extends z.ZodType> = {
  readonly payload: Payload;
  readonly apply: (tx: Transaction, payload: z.output<Payload>, doing: Doing) => Promise<Result<unknown, string>>;
  /** What would be done, in words, and where the thing itself is shown. */
  readonly say: (payload: z.output<Payload>) => Promise<{ readonly sentence: string; readonly href: string | null }>;
};

function kind<Payload extends z.ZodType>(definition: Kind<Payload>) {
  return {
    apply: (tx: Transaction, payload: unknown, doing: Doing) => definition.apply(tx, definition.payload.parse(payload), doing),
    say: (payload: unknown) => definition.say(definition.payload.parse(payload)),
    parse: (payload: unknown) => definition.payload.parse(payload),
  };
}

const withArticle = (role: string) => `${/^[aeiou]/.test(role) ? "an" : "a"} ${role}`;

/** Every kind, in one place. What `apply` calls must not import the proposals itself. */
const kinds = {
  "change-connection": kind({
    payload: sealedConnectionSchema,
    apply: (tx, connection, doing) => applyConnectionChange(tx, connection, doing),
    say: ({ systemId, name, config }) => {
      const { host, port, database } = postgresConfigSchema.parse(JSON.parse(config));
      return Promise.resolve({ sentence: `Point ${name} to ${host}:${port}/${database}`, href: `/systems/${systemId}` });
    },
  }),
  "connect-system": kind({
    payload: sealedConnectionSchema,
    apply: (tx, connection, doing) => applyConnection(tx, connection, doing),
    say: ({ name, environment, config }) => {
      const { host } = postgresConfigSchema.parse(JSON.parse(config));
      return Promise.resolve({ sentence: `Connect ${name} (${environment}), a PostgreSQL server at ${host}`, href: null });
    },
  }),
  "engage-auditor": kind({
    payload: engagementSchema,
    apply: (tx, terms, doing) => applyEngagement(tx, terms, doing),
    async say({ personId, until, fromDay, toDay, names, ...terms }) {
      const ids = systemsOf(terms);
      const [person, systems] = await Promise.all([
        db.person.findUnique({ where: { id: personId }, select: { name: true } }),
        db.system.findMany({ where: { id: { in: ids } }, select: { name: true }, orderBy: { name: "asc" } }),
      ]);
      const where = ids.length === 0 ? "every system" : formatList(systems.map(({ name }) => name));
      const sentence = `Let ${person?.name ?? "somebody who is not known any more"} see, as an auditor and nothing else, evidence of ${where} asked from ${fromDay} to ${toDay}, ${names ? "with" : "without"} names, until ${formatUtc(until)}`;
      return { sentence, href: "/settings/auditors" };
    },
  }),
  "give-role": kind({
    payload: z.strictObject({ personId: z.uuid(), role: z.enum(roles) }),
    apply: (tx, { personId, role }, doing) => applyRole(tx, { personId, role, ...doing }),
    async say({ personId, role }) {
      const person = await db.person.findUnique({ where: { id: personId }, select: { name: true } });
      return { sentence: `Make ${person?.name ?? "somebody who is not known any more"} ${withArticle(role)}`, href: `/people/${personId}` };
    },
  }),
  "list-break-glass": kind({
    payload: listingSchema,
    apply: (tx, listing, doing) => applyListing(tx, listing, doing),
    async say({ personId, teamId, entitlementId, until }) {
      const [person, team, entitlement] = await Promise.all([
        personId === null ? null : db.person.findUnique({ where: { id: personId }, select: { name: true } }),
        teamId === null ? null : db.team.findUnique({ where: { id: teamId }, select: { name: true } }),
        db.entitlement.findUnique({ where: { id: entitlementId }, select: { name: true, system: { select: { name: true } } } }),
      ]);
      const who = person?.name ?? (team ? `whoever is on call for ${team.name}` : "somebody who is not known any more");
      const what = entitlement ? `${entitlement.name} on ${entitlement.system.name}` : "an entitlement that is not known any more";
      return { sentence: `On the worst day, let ${who} break the glass of ${what}, until ${formatUtc(until)}`, href: "/break-glass#list" };
    },
  }),
  "lower-sensitivity": kind({
    payload: z.strictObject({ entitlementId: z.uuid(), sensitivity: z.enum(sensitivities) }),
    apply: (tx, lowering, doing) => applyLowering(tx, lowering, doing),
    async say({ entitlementId, sensitivity }) {
      const row = await db.entitlement.findUnique({ where: { id: entitlementId }, select: { name: true, sensitivity: true, system: { select: { id: true, name: true } } } });
      if (!row) return { sentence: "Lower the sensitivity of an entitlement that is not known any more", href: null };
      return { sentence: `Lower the sensitivity of ${row.name} on ${row.system.name} from ${row.sensitivity} to ${sensitivity}`, href: `/systems/${row.system.id}` };
    },
  }),
  "rotate-key": kind({
    payload: z.strictObject({ purpose: z.enum(["log", "export"]) }),
    async apply(tx, { purpose }, doing) {
      await takeTreeTurn(tx);
      return ok(await makeKey(tx, { purpose, ...doing }));
    },
    say: ({ purpose }) => Promise.resolve({ sentence: `Let a new key sign ${purpose === "log" ? "checkpoints of the ledger" : "exports"}`, href: "/settings/checkpoints" }),
  }),
} satisfies Record<ProposalKind, ReturnType<typeof kind>>;

/** The definition of a kind; an unknown one is a fault: nothing may be applied that nobody defined. */
export function kindOf(name: string) {
  const known = proposalKinds.find((candidate) => candidate === name);
  if (!known) throw new AppError("integrity", `unknown kind of proposal ${name}`);
  return kinds[known];
}
