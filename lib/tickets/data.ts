import "server-only";
import { createHash } from "node:crypto";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, type KeysetRange, readKeysetPage } from "@/lib/db/keyset";
import type { Transaction } from "@/lib/db/transaction";
import { canonicalBytes } from "@/lib/ledger/canonical";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import type { Page } from "@/lib/platform/page";
import { unseal } from "@/lib/platform/seal";
import { localPrefix, type SeenTicket } from "./rules";
import { type ChangeListQuery, providerRulesSchema, providerSecretsSchema, ticketFactsSchema, type ProviderSecrets } from "./schema";
import { changeStates, providerKinds, type ChangeRow, type ChangeState, type Named, type ProviderKind, type TicketFacts, type TicketReading } from "./types";

const pageSize = 50;
const countLimit = 10_000;
/** Ticket systems are few: each was set up by an administrator. */
const mostProviders = 50;

export function parseProviderKind(text: string): ProviderKind {
  const known = providerKinds.find((kind) => kind === text);
  if (!known) throw new AppError("integrity", `unknown kind of ticket provider ${text}`);
  return known;
}

export function parseChangeState(text: string): ChangeState {
  const known = changeStates.find((state) => state === text);
  if (!known) throw new AppError("integrity", `unknown state of change ${text}`);
  return known;
}

const withoutSecrets = { sealedSecrets: true } as const;

type StoredProvider = Omit<Prisma.TicketProviderGetPayload<object>, "sealedSecrets">;
export type Provider = ReturnType<typeof providerOfRow>;

export function providerOfRow(row: StoredProvider) {
  return { ...row, kind: parseProviderKind(row.kind), rules: providerRulesSchema.parse(row.rules) };
}

/** Every provider that is asked. */
export async function readProviders(tx: Transaction = db): Promise<Provider[]> {
  const rows = await tx.ticketProvider.findMany({ where: { isEnabled: true }, orderBy: [{ name: "asc" }], take: mostProviders, omit: withoutSecrets });
  return rows.map(providerOfRow);
}

export async function readProvider(id: string): Promise<Provider | null> {
  const row = await db.ticketProvider.findUnique({ where: { id }, omit: withoutSecrets });
  return row ? providerOfRow(row) : null;
}

/** Account, token and webhook secret of one provider, for the call that needs them. */
export async function readSecrets(id: string): Promise<ProviderSecrets> {
  const row = await db.ticketProvider.findUniqueOrThrow({ where: { id }, select: { sealedSecrets: true } });
  if (!row.sealedSecrets) return { account: "", token: "", webhookSecret: "" };
  return providerSecretsSchema.parse(unseal(row.sealedSecrets, env.secretKey, `ticket-provider/${id}`));
}

/** What becomes of a key that no provider knows; where nothing was ever said, it is refused. */
export async function takesUnknownKeys(tx: Transaction = db): Promise<boolean> {
  return (await tx.ticketSettings.findUnique({ where: { id: 1 } }))?.takesUnknown ?? false;
}

/** A stored ticket as the rules see it. */
export function seenTicket(row: { readonly facts: unknown; readonly fetchedAt: Date | null }): SeenTicket {
  return { facts: row.facts === null ? null : ticketFactsSchema.parse(row.facts), fetchedAt: row.fetchedAt };
}

const changeInclude = { author: { select: { name: true } }, approvedBy: { select: { id: true, name: true } } } as const satisfies Prisma.LocalChangeInclude;

/** A change of the register inside, read as a provider would answer it. */
export async function readLocalTicket(tx: Transaction, key: string): Promise<TicketReading | null> {
  const row = await tx.localChange.findUnique({ where: { number: Number(key) }, include: changeInclude });
  if (!row) return null;
  const assets = [...(await namesOfSystems(tx, row.systemIds)), ...(await namesOfIdentities(tx, row.identityIds))].map(({ name }) => name);
  const approvals = row.approvedBy ? [row.approvedBy] : [];
  const facts: TicketFacts = {
    key,
    title: row.title,
    url: `/tickets/${row.id}`,
    state: row.state,
    isOpen: row.state !== "closed",
    approved: row.approvedBy ? "yes" : "no",
    approvals,
    windowFrom: row.windowFrom?.toISOString() ?? null,
    windowUntil: row.windowUntil?.toISOString() ?? null,
    assets,
    text: `${row.title}\n${row.description}`,
    requester: { id: row.authorId, name: row.author.name },
    assignee: null,
  };
  const bytes = new Uint8Array(canonicalBytes({ ...facts, assets: [...facts.assets], approvals: facts.approvals.map(({ id, name }) => ({ id, name })) }));
  return { facts, bytes, hash: createHash("sha256").update(bytes).digest("hex") };
}

export function namesOfSystems(tx: Transaction, ids: readonly string[]): Promise<Named[]> {
  return tx.system.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true }, orderBy: { name: "asc" } });
}

export function namesOfIdentities(tx: Transaction, ids: readonly string[]): Promise<Named[]> {
  return tx.identity.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true }, orderBy: { name: "asc" } });
}

/** Everybody who asks for a change: its author, and whoever answers for an identity that it names. */
export async function sideOfChange(tx: Transaction, change: { readonly authorId: string; readonly identityIds: readonly string[] }): Promise<string[]> {
  const identities = await tx.identity.findMany({ where: { id: { in: [...change.identityIds] } }, select: { ownerId: true, sponsorId: true, backupId: true, creatorId: true } });
  const people = identities.flatMap(({ ownerId, sponsorId, backupId, creatorId }) => [ownerId, sponsorId, backupId, creatorId]);
  return [...new Set([change.authorId, ...people.filter((id) => id !== null)])];
}

/** One page of the register, the newest first unless the URL says otherwise. */
export async function listChanges(query: ChangeListQuery): Promise<Page<ChangeRow>> {
  const where: Prisma.LocalChangeWhereInput = query.state.length > 0 ? { state: { in: query.state } } : {};
  const page = await readKeysetPage({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row: ListedChange) => ({ id: row.id, value: row.createdAt.toISOString() }),
    read: (range) => db.localChange.findMany({ where: { AND: [where, beyond(range)] }, select: listed, orderBy: [{ createdAt: range.order }, { id: range.order }], take: range.take }),
  });
  const found = await db.localChange.count({ where, take: countLimit + 1 });
  return { ...page, rows: page.rows.map(rowOf), total: { count: Math.min(found, countLimit), capped: found > countLimit } };
}

const listed = { id: true, number: true, title: true, state: true, windowFrom: true, windowUntil: true, createdAt: true, author: { select: { name: true } } } as const;
type ListedChange = Prisma.LocalChangeGetPayload<{ select: typeof listed }>;

export function rowOf(row: ListedChange): ChangeRow {
  return {
    id: row.id,
    key: `${localPrefix}${row.number}`,
    title: row.title,
    state: parseChangeState(row.state),
    author: row.author.name,
    windowFrom: row.windowFrom?.toISOString() ?? null,
    windowUntil: row.windowUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

function beyond({ from, order }: KeysetRange): Prisma.LocalChangeWhereInput {
  const at = from ? new Date(String(from.value)) : null;
  // Attacker-controlled: a cursor may hold a text that is no date.
  if (!from || !at || Number.isNaN(at.getTime())) return {};
  const bounds = behind(order, at, from.id);
  return { AND: [{ createdAt: bounds.edge }, { OR: [{ createdAt: bounds.beyond }, { id: bounds.id }] }] };
}
