import "server-only";
import { db } from "@/lib/db/client";
import { providerOfRow, readProvider, readSecrets, takesUnknownKeys } from "../data";
import { ticketSystems } from "../providers/registry";
import type { ProviderView } from "../types";

/** Every provider with how it answers, and what becomes of unknown keys. */
export async function readProviderViews(): Promise<{ providers: ProviderView[]; takesUnknown: boolean }> {
  const rows = await db.ticketProvider.findMany({ orderBy: [{ name: "asc" }], take: 50, omit: { sealedSecrets: true }, include: { _count: { select: { tickets: { where: { nextCheckAt: { not: null } } } } } } });
  const dead = await db.ticketComment.groupBy({ by: ["ticketId"], where: { state: "dead" }, _count: true });
  const owners = await db.ticket.findMany({ where: { id: { in: dead.map(({ ticketId }) => ticketId) } }, select: { id: true, providerId: true } });
  const deadOf = (providerId: string) => dead.filter(({ ticketId }) => owners.some((owner) => owner.id === ticketId && owner.providerId === providerId)).reduce((sum, { _count }) => sum + _count, 0);
  const providers = rows.map(({ _count, ...row }): ProviderView => {
    const { id, kind, name, baseUrl, mayBeInside, isEnabled, checkedAt, downSince, downReason } = providerOfRow(row);
    const hasWebhook = kind !== "local" && "webhook" in ticketSystems[kind];
    return {
      id, kind, name, baseUrl, mayBeInside, isEnabled, downReason,
      checkedAt: checkedAt?.toISOString() ?? null,
      downSince: downSince?.toISOString() ?? null,
      tickets: _count.tickets,
      deadComments: deadOf(id),
      webhookPath: hasWebhook ? `/api/tickets/deliveries/${id}` : null,
    };
  });
  return { providers, takesUnknown: await takesUnknownKeys() };
}

/** What the form of a provider starts with: everything but its secrets. */
export async function readProviderForm(id: string) {
  const provider = await readProvider(id);
  if (!provider || provider.kind === "local") return null;
  const { account, webhookSecret } = await readSecrets(id);
  const { kind, name, baseUrl, mayBeInside, isEnabled, rules } = provider;
  return { id, kind, name, baseUrl: baseUrl ?? "", mayBeInside, isEnabled, rules, account, hasWebhookSecret: webhookSecret !== "" };
}
