import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { holdersOf } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { literally } from "@/lib/db/like";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { parseSensitivity } from "@/lib/entitlements/data";
import { parseIdentityKind } from "@/lib/identities/data";
import { explainObligations, sayTime } from "@/lib/policies/explain";
import type { PolicyAnswer } from "@/lib/policies/types";
import { assess, type Assessment } from "../assessment";
import { readRequest } from "../data";
import { readFormer } from "../extension";
import { standingToExplain } from "../rules";
import type { AskDraft } from "./ask-schema";
import { entitlementSelect, entitlementView, isVisibleTo } from "./detail";
import type { AskPreview, AskStart, AskVerdict, EntitlementOption, EntitlementView, IdentityOption } from "./types";

/** Options that one search offers; whoever wants others types more. */
const mostOptions = 30;
/** Persons that a stage of the preview names. */
const mostNamed = 8;

const identitySelect = {
  id: true, name: true, kind: true, environment: true, state: true, ownerId: true, sponsorId: true, backupId: true,
  owner: { select: { name: true } },
  team: { select: { name: true } },
} as const;

/**
 * Identities to ask for. Without a text: those that the asker answers for, then those of the asker's teams, then others by
 * name. With one: names that start with it before names that hold it.
 */
export async function searchIdentities(actor: PersonActor, text: string): Promise<IdentityOption[]> {
  const { personId } = actor;
  const answersFor = { OR: [{ ownerId: personId }, { sponsorId: personId }, { backupId: personId }] };
  const steps = text
    ? [{ name: { startsWith: literally(text), mode: "insensitive" as const } }, { name: { contains: literally(text), mode: "insensitive" as const } }]
    : [answersFor, { team: { members: { some: { personId } } } }, {}];
  const found: IdentityOption[] = [];
  for (const step of steps) {
    if (found.length >= mostOptions) break;
    const rows = await db.identity.findMany({
      where: { AND: [step, { vanishedAt: null, state: { not: "offboarded" }, id: { notIn: found.map(({ id }) => id) } }] },
      select: identitySelect,
      orderBy: [{ name: "asc" }, { id: "asc" }],
      take: mostOptions - found.length,
    });
    found.push(...rows.map((row) => identityOption(row, personId)));
  }
  return found;
}

type IdentityRow = {
  id: string; name: string; kind: string; environment: string; state: string; ownerId: string | null; sponsorId: string | null; backupId: string | null;
  owner: { name: string } | null; team: { name: string } | null;
};

function identityOption({ ownerId, sponsorId, backupId, owner, team, ...row }: IdentityRow, personId: string): IdentityOption {
  const isYours = [ownerId, sponsorId, backupId].includes(personId);
  return { ...row, kind: parseIdentityKind(row.kind), owner: owner?.name ?? null, team: team?.name ?? null, isYours };
}

/** One identity as an option, for a form that a link has filled in. */
export async function readIdentityOption(actor: PersonActor, id: string): Promise<IdentityOption | null> {
  const row = await db.identity.findUnique({ where: { id }, select: identitySelect });
  return row && identityOption(row, actor.personId);
}

const optionSelect = {
  id: true, name: true, description: true, sensitivity: true, purposes: true,
  system: { select: { name: true, environment: true } },
} as const;

type OptionRow = { id: string; name: string; description: string; sensitivity: string; purposes: string[]; system: { name: string; environment: string } };

function entitlementOption({ system, ...row }: OptionRow): EntitlementOption {
  return { ...row, sensitivity: parseSensitivity(row.sensitivity), system: system.name, environment: system.environment };
}

/** Entitlements that can be asked for and whose name, description or system holds a text; by system and name. */
export async function searchEntitlements(text: string): Promise<EntitlementOption[]> {
  const holds = { contains: literally(text), mode: "insensitive" as const };
  const rows = await db.entitlement.findMany({
    where: { requestable: true, ...(text ? { OR: [{ name: holds }, { description: holds }, { system: { name: holds } }] } : {}) },
    select: optionSelect,
    orderBy: [{ system: { name: "asc" } }, { name: "asc" }, { id: "asc" }],
    take: mostOptions,
  });
  return rows.map(entitlementOption);
}

/** One entitlement as an option, for a form that a link has filled in. */
export async function readEntitlementOption(id: string): Promise<EntitlementOption | null> {
  const row = await db.entitlement.findFirst({ where: { id, requestable: true }, select: optionSelect });
  return row && entitlementOption(row);
}

/** A request of one's own that fills the form in; null where there is none, or it cannot be gone on with so. */
export async function readAskStart(actor: PersonActor, { kind, requestId }: { readonly kind: AskStart["kind"]; readonly requestId: string }): Promise<AskStart | null> {
  const row = await db.request.findFirst({
    where: { id: requestId, requesterId: actor.personId, ...(kind === "after" ? { state: "denied" } : {}) },
    select: {
      id: true, number: true, identityId: true, purpose: true, intent: true, ticketKey: true, durationSeconds: true, maxUses: true, idleSeconds: true, standingReason: true,
      entitlements: { select: { entitlement: { select: { ...optionSelect, requestable: true } } }, orderBy: { entitlementId: "asc" } },
    },
  });
  const [identity, former] = row ? await Promise.all([readIdentityOption(actor, row.identityId), readFormer(db, row.id)]) : [null, null];
  if (!row || !identity || !former) return null;
  const live = former.grants.filter(({ state }) => state === "active");
  if (kind === "extends" && live.length === 0) return null;
  const entitlements = row.entitlements.flatMap(({ entitlement: { requestable, ...option } }) =>
    requestable && (kind !== "extends" || live.some(({ entitlementId }) => entitlementId === option.id)) ? [entitlementOption(option)] : [],
  );
  const { number, purpose, intent, standingReason, ticketKey, durationSeconds, maxUses, idleSeconds } = row;
  const endsAt = live[0]?.notAfter?.toISOString() ?? null;
  return { kind, requestId, number, identity, entitlements, purpose, intent, standingReason, ticketKey, durationSeconds, maxUses, idleSeconds, endsAt, earlierSeconds: former.seconds };
}

/** What would become of the ask as it stands. Writes nothing: a preview is no request and leaves no event. */
export function previewAsk(actor: PersonActor, draft: AskDraft, sourceAddress: string | null): Promise<AskPreview> {
  return inTransaction(async (tx, now) => {
    const entitlements = await readEntitlements(tx, draft.entitlementIds ?? []);
    const { identityId, entitlementIds, purpose, durationSeconds } = draft;
    if (!identityId || !entitlementIds || !purpose || !durationSeconds) return { entitlements, verdict: null };
    const ask = {
      asker: { kind: "person", personId: actor.personId } as const,
      identityId,
      entitlementIds,
      purpose,
      durationSeconds,
      maxUses: draft.maxUses ?? null,
      idleSeconds: draft.idleSeconds ?? null,
      ticketKey: draft.ticketKey ?? null,
      sourceAddress,
      notBefore: draft.extendsId ? null : (draft.notBefore ?? null),
      extendsId: draft.extendsId ?? null,
      afterId: draft.afterId ?? null,
    };
    return { entitlements, verdict: await verdictOf(tx, actor, await assess(tx, ask, { moment: "request", now })) };
  });
}

/** In the order in which they were picked. */
async function readEntitlements(tx: Transaction, ids: readonly string[]): Promise<EntitlementView[]> {
  const rows = await tx.entitlement.findMany({ where: { id: { in: [...ids] }, requestable: true }, select: entitlementSelect });
  return ids.flatMap((id) => rows.filter((row) => row.id === id).map(entitlementView));
}

async function verdictOf(tx: Transaction, actor: PersonActor, assessment: Assessment): Promise<AskVerdict> {
  const { outcome, stages, side, facts } = assessment;
  const resource = facts?.entitlements.map(({ name }) => name).join(" and ") ?? "";
  const isUnstaffed = !outcome.ok && outcome.code === "nobody-can-approve";
  return {
    outcome: !outcome.ok ? "refused" : outcome.value.autoApproved ? "approved-at-once" : "asks",
    refusal: outcome.ok ? null : { code: outcome.code, detail: outcome.detail ?? {} },
    openRequestId: outcome.ok ? null : await openableRequest(tx, actor, outcome.detail?.["requestId"]),
    sentences: assessment.answers.flatMap((answer, index) =>
      sentencesOf(answer, resource).map((sentence) => ({ ...sentence, entitlement: facts?.entitlements[index]?.name ?? "" })),
    ),
    standing: facts ? standingToExplain(facts, actor).map(({ name }) => name) : [],
    stages: stages.map((stage) => ({
      position: stage.position,
      label: stage.label,
      needed: stage.needed,
      asked: namesOf(stage),
      askedCount: stage.eligible.length,
      time: sayTime(stage, { resource }).trim(),
    })),
    notified: new Set(stages.flatMap(({ eligible }) => eligible.map(({ id }) => id))).size,
    excluded: await excludedBy(tx, side),
    appointable: isUnstaffed ? await namesWhoCouldDecide(tx, side.map(({ personId }) => personId)) : [],
    administrators: isUnstaffed ? await namesOfAdministrators(tx) : [],
    terms: outcome.ok
      ? {
          longestSeconds: outcome.value.longestSeconds,
          maxUses: outcome.value.maxUses,
          idleSeconds: outcome.value.idleSeconds,
          decideBefore: outcome.value.decideBefore.toISOString(),
          activationWindowSeconds: outcome.value.activationWindowSeconds,
        }
      : null,
  };
}

/** Who is asked, and for whom where not on their own seat. */
function namesOf({ eligible, seats }: Assessment["stages"][number]): string[] {
  return eligible.slice(0, mostNamed).map(({ id, name }) => {
    const own = seats.filter(({ personId }) => personId === id);
    if (own.some(({ seatOfId }) => seatOfId === id)) return name;
    const principals = own.flatMap(({ seatOfId }) => eligible.find((other) => other.id === seatOfId)?.name ?? []);
    return principals.length > 0 ? `${name} for ${principals.join(" or ")}` : name;
  });
}

function sentencesOf(answer: PolicyAnswer, resource: string): { text: string; policyId: string | null }[] {
  const reasons = answer.reasons.map(({ text, policyId }) => ({ text, policyId }));
  if (answer.outcome !== "permit") return reasons;
  // The stages have their own place with the names of those who are asked.
  const [, ...demands] = explainObligations(answer.obligations, { resource });
  return [...reasons, ...demands.map((text) => ({ text, policyId: null }))];
}

async function openableRequest(tx: Transaction, actor: PersonActor, requestId: string | number | undefined): Promise<string | null> {
  const request = typeof requestId === "string" ? await readRequest(tx, requestId) : null;
  return request && isVisibleTo(request, actor) ? request.id : null;
}

async function excludedBy(tx: Transaction, side: Assessment["side"]): Promise<AskVerdict["excluded"]> {
  const people = await tx.person.findMany({ where: { id: { in: side.map(({ personId }) => personId) } }, select: { id: true, name: true }, orderBy: { name: "asc" } });
  return people.map(({ id, name }) => ({ name, why: side.filter(({ personId }) => personId === id).map(({ why }) => why) }));
}

/** Whom an administrator could appoint: present, with a role that decides, not on the asking side. */
async function namesWhoCouldDecide(tx: Transaction, side: readonly string[]): Promise<string[]> {
  const people = await tx.person.findMany({
    where: { leftAt: null, id: { notIn: [...side] }, roles: { some: { role: { in: [...holdersOf("request:decide")] } } } },
    select: { name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: mostNamed,
  });
  return people.map(({ name }) => name);
}

async function namesOfAdministrators(tx: Transaction): Promise<string[]> {
  const people = await tx.person.findMany({ where: { leftAt: null, roles: { some: { role: "administrator" } } }, select: { name: true }, orderBy: [{ name: "asc" }, { id: "asc" }], take: 3 });
  return people.map(({ name }) => name);
}
