import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { judgeBreaking } from "../judging";
import type { IncidentCheck } from "../types";
import type { BreakPreview } from "./types";

type Asked = { readonly identityId: string; readonly entitlementId: string; readonly incident: string; readonly incidentCheck: IncidentCheck };

/** What would become of breaking one glass now: the mutation asks the same. Nothing is kept. */
export async function previewBreaking(actor: PersonActor, asked: Asked): Promise<BreakPreview> {
  const judged = await inTransaction((tx, now) =>
    judgeBreaking(tx, { ...asked, personId: actor.personId, durationSeconds: 60, escalates: null, sourceAddress: null }, now),
  );
  if (!judged.ok) return { ok: false, code: judged.code, reason: typeof judged.detail?.["reason"] === "string" ? judged.detail["reason"] : null };
  const { allowed, skipped, openDebts } = judged.value;
  const people = await db.person.findMany({ where: { id: { in: [...skipped] } }, select: { name: true }, orderBy: { name: "asc" } });
  return { ok: true, ...allowed, skipped: people.map(({ name }) => name), openDebts };
}
