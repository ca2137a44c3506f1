import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { lockTemplate, readTeamIds } from "./data";
import { mayChange, mayShareWith, mostTemplates } from "./rules";
import type { KeptAsk } from "./schema";
import type { TemplateRefusal } from "./types";

type Keep = KeptAsk & { readonly actor: PersonActor; readonly demo?: boolean };
type Kept = { readonly templateId: string; readonly name: string };

/** Keeps an ask as a template. Nothing is asked by it, now or later: it fills the form in. */
export async function keepTemplate(command: Keep): Promise<Result<Kept, TemplateRefusal>> {
  const { actor, name } = command;
  const scan = await findSecrets(`${name}\n${command.intent}\n${command.purpose}`);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now): Promise<Result<Kept, TemplateRefusal>> => {
    await lockKeeper(tx, actor.personId);
    const earlier = await tx.requestTemplate.findFirst({ where: { keeperId: actor.personId, idempotencyKey: command.idempotencyKey }, select: { id: true, name: true } });
    if (earlier) return ok({ templateId: earlier.id, name: earlier.name });
    const objection = await objectionTo(tx, command);
    if (objection) return refuse(objection);
    const id = newId();
    const { entitlementIds, purpose, intent, durationSeconds, idempotencyKey, teamId } = command;
    const identityId = command.identityId ?? null;
    await tx.requestTemplate.create({
      data: {
        id, keeperId: actor.personId, teamId, name, identityId, purpose, intent, durationSeconds, idempotencyKey, keptAt: now, demo: command.demo ?? false,
        maxUses: command.maxUses ?? null,
        idleSeconds: command.idleSeconds ?? null,
        entitlements: { create: entitlementIds.map((entitlementId, position) => ({ entitlementId, position })) },
      },
    });
    await appendEvent(tx, {
      type: "request-template.kept", at: now, actor, subjects: { person: actor.personId }, demo: command.demo ?? false,
      data: { templateId: id, identityId, entitlementIds: [...entitlementIds], purpose, durationSeconds, teamId },
      clear: { name, intent },
    });
    return ok({ templateId: id, name });
  });
}

/** What one person keeps is kept one after the other, so that its number and its names stay true. */
async function lockKeeper(tx: Transaction, personId: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:request-templates:${personId}`}::text, 0))`;
}

async function objectionTo(tx: Transaction, { actor: { personId }, name, identityId, entitlementIds, teamId }: Keep): Promise<TemplateRefusal | null> {
  if (identityId && !(await tx.identity.findUnique({ where: { id: identityId }, select: { id: true } }))) return "unknown-identity";
  if ((await tx.entitlement.count({ where: { id: { in: [...entitlementIds] }, requestable: true } })) !== entitlementIds.length) return "unknown-entitlement";
  if (!mayShareWith(teamId, { keeperId: personId, teamId: null }, await readTeamIds(tx, personId))) return "not-your-team";
  if ((await tx.requestTemplate.count({ where: { keeperId: personId } })) >= mostTemplates) return "too-many";
  return (await isTaken(tx, personId, name, null)) ? "name-taken" : null;
}

async function isTaken(tx: Transaction, keeperId: string, name: string, besides: string | null): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from request_templates where keeper_id = ${keeperId}::uuid and lower(name) = lower(${name}) and id is distinct from ${besides}::uuid limit 1`;
  return rows.length > 0;
}

type Change = { readonly actor: PersonActor; readonly templateId: string; readonly name: string; readonly teamId: string | null };

/** Renames a template, and says with which team it is shared. */
export async function changeTemplate({ actor, templateId, name, teamId }: Change): Promise<Result<Kept, TemplateRefusal>> {
  const scan = await findSecrets(name);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now): Promise<Result<Kept, TemplateRefusal>> => {
    const template = await changeable(tx, actor, templateId);
    if (!template.ok) return template;
    const { keeperId, teamId: from, name: before, demo } = template.value;
    await lockKeeper(tx, keeperId);
    if (!mayShareWith(teamId, template.value, await readTeamIds(tx, keeperId))) return refuse("not-your-team");
    if (await isTaken(tx, keeperId, name, templateId)) return refuse("name-taken");
    if (name === before && teamId === from) return ok({ templateId, name });
    await tx.requestTemplate.update({ where: { id: templateId }, data: { name, teamId } });
    await appendEvent(tx, {
      type: "request-template.changed", at: now, actor, subjects: { person: keeperId }, demo,
      data: { templateId, renamed: name !== before, ...(teamId === from ? {} : { team: { from, to: teamId } }) },
      clear: { name },
    });
    return ok({ templateId, name });
  });
}

/** Removes a template; requests that were made from it stay as they are. Removing twice changes nothing. */
export function removeTemplate({ actor, templateId }: { readonly actor: PersonActor; readonly templateId: string }): Promise<Result<{ removed: true }, TemplateRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ removed: true }, TemplateRefusal>> => {
    const template = await changeable(tx, actor, templateId);
    if (!template.ok) return template;
    await tx.requestTemplate.delete({ where: { id: templateId } });
    await appendEvent(tx, { type: "request-template.removed", at: now, actor, subjects: { person: template.value.keeperId }, data: { templateId }, clear: { name: template.value.name }, demo: template.value.demo });
    return ok({ removed: true });
  });
}

type Changeable = NonNullable<Awaited<ReturnType<typeof lockTemplate>>>;

/** The template, locked, where this person may change it. One that is not theirs to see is not told from one that is not there. */
async function changeable(tx: Transaction, { personId, roles }: PersonActor, templateId: string): Promise<Result<Changeable, TemplateRefusal>> {
  const template = await lockTemplate(tx, templateId);
  if (!template) return refuse("unknown-template");
  if (mayChange(template, { personId, changesAny: allows(roles, "template:change-any") })) return ok(template);
  const teamIds = await readTeamIds(tx, personId);
  return refuse(template.teamId !== null && teamIds.includes(template.teamId) ? "not-yours" : "unknown-template");
}
