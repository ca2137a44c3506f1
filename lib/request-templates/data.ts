import "server-only";
import type { Transaction } from "@/lib/db/transaction";

/** The teams that somebody is in now, by id. */
export async function readTeamIds(tx: Pick<Transaction, "teamMember">, personId: string): Promise<string[]> {
  const rows = await tx.teamMember.findMany({ where: { personId }, select: { teamId: true } });
  return rows.map(({ teamId }) => teamId);
}

/** Locks a template for the rest of the transaction. */
export async function lockTemplate(tx: Transaction, templateId: string) {
  await tx.$queryRaw`select id from request_templates where id = ${templateId}::uuid for update`;
  return tx.requestTemplate.findUnique({ where: { id: templateId }, select: { id: true, keeperId: true, teamId: true, name: true, demo: true } });
}
