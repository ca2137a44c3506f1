import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { ok, refuse, type Refusal, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { propose } from "@/lib/proposals/mutations";
import { canGrantOn } from "./data";
import { lockDefinition, saveDefinition, type Definition } from "./mutations";
import { isLowered, whyNotDefine } from "./rules";
import type { BulkChange, CatalogueRefusal, Lowering } from "./types";

type Edited = { readonly name: string; readonly lowering: Lowering; readonly isChanged: boolean };

/** Changes what is said about one entitlement. All of it applies at once but a lower sensitivity, which may need a second administrator. */
export async function editEntitlement({ actor, entitlementId, ...after }: Definition & { actor: PersonActor; entitlementId: string }): Promise<Result<Edited, CatalogueRefusal>> {
  const scan = await findSecrets(`${after.name}\n${after.description}\n${after.purposes.join("\n")}`);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return undoOnRefusal((tx, now) => change(tx, { actor, entitlementId, now, isPreview: false, changeOf: () => after }));
}

/** What is changed of many: what is left out stays. */
export type ManyChange = Partial<Pick<Definition, "sensitivity" | "resourceOwnerId" | "resourceTeamId" | "purposes" | "maxDurationSeconds">>;

type EditMany = { readonly actor: PersonActor; readonly ids: readonly string[]; readonly change: ManyChange; readonly isPreview: boolean };

/** Changes many entitlements alike, each as a whole or not at all. A preview says which could change, and changes nothing. */
export async function editManyEntitlements({ actor, ids, change: wanted, isPreview }: EditMany): Promise<Result<BulkChange, CatalogueRefusal>> {
  if (Object.keys(wanted).length === 0) return refuse("nothing-chosen");
  const scan = await findSecrets((wanted.purposes ?? []).join("\n"));
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  let [can, waiting] = [0, 0];
  const cannot: { id: string; name: string; why: string }[] = [];
  for (const entitlementId of [...new Set(ids)].sort()) {
    const changed = await undoOnRefusal((tx, now) => change(tx, { actor, entitlementId, now, isPreview, changeOf: (before) => ({ ...before, ...wanted }) }));
    if (changed.ok && changed.value.isChanged) {
      can += 1;
      if (changed.value.lowering === "waiting") waiting += 1;
    } else {
      const name = changed.ok ? changed.value.name : String(changed.detail?.["name"] ?? "unknown");
      cannot.push({ id: entitlementId, name, why: changed.ok ? "nothing-changes" : changed.code });
    }
  }
  return ok({ applied: !isPreview, can, waiting, cannot });
}

class Undone extends Error {
  override readonly name = "Undone";
  readonly refusal: Refusal<CatalogueRefusal>;

  constructor(refusal: Refusal<CatalogueRefusal>) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** A change of several parts: where the second is refused, the first must not stay. Nothing else is written before it. */
async function undoOnRefusal(work: (tx: Transaction, now: Date) => Promise<Result<Edited, CatalogueRefusal>>): Promise<Result<Edited, CatalogueRefusal>> {
  try {
    return await inTransaction(async (tx, now) => {
      const result = await work(tx, now);
      if (!result.ok) throw new Undone(result);
      return result;
    });
  } catch (error) {
    if (error instanceof Undone) return error.refusal;
    throw error;
  }
}

type Changing = { actor: PersonActor; entitlementId: string; now: Date; isPreview: boolean; changeOf: (before: Definition) => Definition };

async function change(tx: Transaction, { actor, entitlementId, now, isPreview, changeOf }: Changing): Promise<Result<Edited, CatalogueRefusal>> {
  const before = await lockDefinition(tx, entitlementId);
  if (!before) return refuse("unknown-entitlement");
  const after = changeOf(before);
  const objection = whyNotDefine(after) ?? (await whyNotHere(tx, entitlementId, before, after));
  if (objection) return refuse(objection, { name: before.name });
  const isLower = isLowered(before.sensitivity, after.sensitivity);
  const atOnce = isLower ? { ...after, sensitivity: before.sensitivity } : after;
  if (isPreview) return ok({ name: before.name, lowering: isLower ? await previewOfLowering(tx) : "none", isChanged: isLower || isDifferent(before, after) });
  const isSaved = await saveDefinition(tx, { entitlementId, before, after: atOnce, actor, now, demo: false });
  if (!isLower) return ok({ name: before.name, lowering: "none", isChanged: isSaved });
  const proposed = await propose(tx, now, { kind: "lower-sensitivity", payload: { entitlementId, sensitivity: after.sensitivity }, subjects: { entitlement: entitlementId }, actor });
  if (!proposed.ok) return refuse(proposed.code, { name: before.name });
  return ok({ name: before.name, lowering: proposed.value.state, isChanged: true });
}

function isDifferent(before: Definition, after: Definition): boolean {
  return Object.entries(after).some(([field, value]) => JSON.stringify(before[field as keyof Definition]) !== JSON.stringify(value));
}

async function previewOfLowering(tx: Transaction): Promise<Lowering> {
  const administrators = await tx.personRole.count({ where: { role: "administrator", person: { leftAt: null } } });
  return administrators > 1 ? "waiting" : "applied";
}

/** Who is newly named must be there and must not have left; names are one per system; what only files tell of cannot be granted. */
async function whyNotHere(tx: Transaction, entitlementId: string, before: Definition, after: Definition): Promise<CatalogueRefusal | null> {
  if (after.resourceOwnerId !== null && after.resourceOwnerId !== before.resourceOwnerId) {
    const person = await tx.person.findUnique({ where: { id: after.resourceOwnerId }, select: { leftAt: true } });
    if (!person) return "unknown-person";
    if (person.leftAt !== null) return "person-left";
  }
  if (after.resourceTeamId !== null && !(await tx.team.findUnique({ where: { id: after.resourceTeamId }, select: { id: true } }))) return "unknown-team";
  const { systemId } = await tx.entitlement.findUniqueOrThrow({ where: { id: entitlementId }, select: { systemId: true } });
  if (after.requestable && !before.requestable && !(await canGrantOn(systemId, tx))) return "not-grantable";
  if (after.name === before.name) return null;
  return (await tx.entitlement.findUnique({ where: { systemId_name: { systemId, name: after.name } }, select: { id: true } })) ? "name-taken" : null;
}
