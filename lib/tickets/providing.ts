import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { seal } from "@/lib/platform/seal";
import { noteAnswer, openProvider } from "./checking";
import { readProvider, readSecrets, type Provider } from "./data";
import { TicketFault } from "./providers/contract";
import { ticketSystems } from "./providers/registry";
import { openServer } from "./providers/server";
import { localPrefix } from "./rules";
import { providerRulesSchema, type ProviderSecrets, type SaveProvider } from "./schema";

export type SaveRefusal = "name-taken" | "prefix-taken" | "unknown-provider" | "token-needed" | "server-refused" | "server-down";
type Saved = { readonly providerId: string };

/**
 * Saves a ticket system after asking the real server with the account given: what does not answer is not saved. The question is
 * asked before the transaction. A sealed token never goes to another server: where the address changes, it is given again.
 */
export async function saveProvider({ actor, form }: { actor: PersonActor; form: SaveProvider }): Promise<Result<Saved, SaveRefusal>> {
  const known = form.providerId === null ? null : await readProvider(form.providerId);
  if (form.providerId !== null && (!known || known.kind !== form.kind)) return refuse("unknown-provider");
  const secrets = await secretsOf(form, known);
  if (!secrets) return refuse("token-needed");
  const rules = providerRulesSchema.parse({
    keyPrefix: form.keyPrefix, openStates: form.openStates, approvedStates: form.approvedStates, approvers: form.approvers, windowFromField: form.windowFromField,
    windowUntilField: form.windowUntilField, assetField: form.assetField, needsApproval: form.needsApproval, needsWindow: form.needsWindow, mustName: form.mustName,
  });
  const fault = form.isEnabled ? await checkServer(form, secrets, rules) : null;
  if (fault) return refuse(fault.kind === "down" ? "server-down" : "server-refused", { said: fault.message });
  return inTransaction(async (tx, now) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('curfew:ticket-providers', 0))`;
    const id = known?.id ?? newId();
    const others = await tx.ticketProvider.findMany({ where: { id: { not: id } }, select: { name: true, rules: true }, take: 50 });
    if (others.some(({ name }) => name === form.name)) return refuse("name-taken");
    if (form.keyPrefix !== "" && others.some((other) => providerRulesSchema.parse(other.rules).keyPrefix === form.keyPrefix)) return refuse("prefix-taken");
    const { name, kind, baseUrl, mayBeInside, isEnabled } = form;
    const sealedSecrets = seal(secrets, env.secretKey, `ticket-provider/${id}`);
    const row = { name, baseUrl, mayBeInside, isEnabled, rules, sealedSecrets, ...(isEnabled ? { checkedAt: now } : {}) };
    await tx.ticketProvider.upsert({ where: { id }, update: row, create: { ...row, id, kind, createdAt: now } });
    await appendEvent(tx, {
      type: "ticket.provider-saved",
      at: now,
      actor,
      subjects: {},
      data: { providerId: id, kind, mayBeInside, isEnabled, isNew: known === null, rules },
      clear: { name, baseUrl },
    });
    if (isEnabled) await noteAnswer(tx, id, null, now);
    return ok({ providerId: id });
  });
}

async function secretsOf(form: SaveProvider, known: Provider | null): Promise<ProviderSecrets | null> {
  const kept = known && sameServer(known.baseUrl, form.baseUrl) ? await readSecrets(known.id) : null;
  const token = form.token || kept?.token;
  if (!token) return null;
  return { account: form.account, token, webhookSecret: form.webhookSecret || (kept?.webhookSecret ?? "") };
}

function sameServer(before: string | null, now: string): boolean {
  return before !== null && new URL(before).origin === new URL(now).origin;
}

async function checkServer(form: SaveProvider, secrets: ProviderSecrets, rules: Provider["rules"]): Promise<TicketFault | null> {
  const system = ticketSystems[form.kind];
  try {
    await system.check(openServer(system, { baseUrl: form.baseUrl, mayBeInside: form.mayBeInside, secrets, rules }));
    return null;
  } catch (error) {
    if (error instanceof TicketFault) return error;
    throw error;
  }
}

/** Asks every provider that is down whether it answers again; for the worker. */
export async function checkDownProviders(): Promise<void> {
  const down = await db.ticketProvider.findMany({ where: { isEnabled: true, downSince: { not: null }, kind: { not: "local" } }, select: { id: true }, take: 50 });
  await Promise.all(down.map(({ id }) => checkProvider(id)));
}

async function checkProvider(id: string): Promise<void> {
  const provider = await readProvider(id);
  const open = provider ? await openProvider(provider) : null;
  if (!open) return;
  let fault: TicketFault | null = null;
  try {
    await open.system.check(open.api);
  } catch (error) {
    if (!(error instanceof TicketFault)) throw error;
    fault = error;
  }
  await inTransaction((tx, now) => noteAnswer(tx, id, fault, now));
}

/** The register inside is there from the first start; what becomes of unknown keys is said once and then an administrator's. */
export async function ensureLocalRegister(actor: Actor, { takesUnknown }: { takesUnknown: boolean }): Promise<void> {
  await inTransaction(async (tx, now) => {
    await tx.ticketSettings.createMany({ data: [{ id: 1, takesUnknown }], skipDuplicates: true });
    const rules = providerRulesSchema.parse({ keyPrefix: localPrefix, mustName: "asset" });
    const id = newId();
    const made = await tx.ticketProvider.createMany({ data: [{ id, kind: "local", name: "Changes in Curfew", rules, createdAt: now }], skipDuplicates: true });
    if (made.count === 0) return;
    await appendEvent(tx, { type: "ticket.provider-saved", at: now, actor, subjects: {}, data: { providerId: id, kind: "local", mayBeInside: false, isEnabled: true, isNew: true, rules }, clear: { name: "Changes in Curfew" } });
  }, databaseClock);
}

/** Says what becomes of a ticket key that no provider knows. */
export function setUnknownKeys({ actor, takesUnknown }: { actor: PersonActor; takesUnknown: boolean }): Promise<Result<{ takesUnknown: boolean }, never>> {
  return inTransaction(async (tx, now) => {
    await tx.ticketSettings.upsert({ where: { id: 1 }, update: { takesUnknown }, create: { id: 1, takesUnknown } });
    await appendEvent(tx, { type: "ticket.unknown-keys-set", at: now, actor, subjects: {}, data: { takesUnknown } });
    return ok({ takesUnknown });
  });
}
