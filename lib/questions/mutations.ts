import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { readPersonActor } from "@/lib/auth/sign-ins";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { requestExportWithin } from "@/lib/evidence/mutations";
import { readFilter } from "@/lib/evidence/schema";
import { exportFormats, type ExportFormat } from "@/lib/evidence/types";
import { appendEvent } from "@/lib/ledger/append";
import { notify } from "@/lib/notifications/telling";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { parseFilter } from "./data";
import { nextRunAt, periodBefore } from "./rules";
import { schedules, type QuestionRefusal, type Schedule } from "./types";

const mostQuestions = 100;

type Terms = { readonly name: string; readonly shared: boolean; readonly schedule: Schedule; readonly format: ExportFormat };
type Kept = { readonly questionId: string; readonly name: string };

/** Questions of one person are changed one after the other, so that a name is theirs once and the limit holds. */
async function lockOwn(tx: Transaction, personId: string): Promise<void> {
  await tx.$queryRaw`select 1 as locked from pg_advisory_xact_lock(hashtextextended(${`questions ${personId}`}, 0))`;
}

/** What is answered by itself is an export, whose period is worked out: so both must fit. */
function whyNotScheduled(actor: PersonActor, schedule: Schedule, filter: Readonly<Record<string, string>>): QuestionRefusal | null {
  if (schedule === "never") return null;
  if (!allows(actor.roles, "evidence:export")) return "may-not-export";
  return filter["from"] !== undefined || filter["to"] !== undefined ? "has-period" : null;
}

function recordKept(tx: Transaction, { actor, now, questionId, filter, ...terms }: { actor: PersonActor; now: Date; questionId: string; filter: Record<string, string> } & Terms): Promise<void> {
  const { name, shared, schedule, format } = terms;
  return appendEvent(tx, { type: "question.kept", at: now, actor, subjects: { person: actor.personId }, data: { questionId, filter, isShared: shared, schedule, format }, clear: { name } });
}

/** Keeps a question, with when it is answered by itself. */
export function keepQuestion({ actor, query: filter, ...terms }: { actor: PersonActor; query: Record<string, string> } & Terms): Promise<Result<Kept, QuestionRefusal>> {
  return inTransaction(async (tx, now) => {
    await lockOwn(tx, actor.personId);
    const refusal = whyNotScheduled(actor, terms.schedule, filter);
    if (refusal) return refuse(refusal);
    const own = await tx.question.findMany({ where: { personId: actor.personId }, select: { name: true } });
    if (own.some(({ name }) => name === terms.name)) return refuse("name-taken");
    if (own.length >= mostQuestions) return refuse("too-many-questions");
    const id = newId();
    const { name, shared, schedule, format } = terms;
    await tx.question.create({ data: { id, personId: actor.personId, name, filter, isShared: shared, schedule, format, nextRunAt: nextRunAt(schedule, now), createdAt: now, changedAt: now } });
    await recordKept(tx, { actor, now, questionId: id, filter, ...terms });
    return ok({ questionId: id, name });
  });
}

/** Changes the terms of one's own question. */
export function changeQuestion({ actor, questionId, ...terms }: { actor: PersonActor; questionId: string } & Terms): Promise<Result<Kept, QuestionRefusal>> {
  return inTransaction(async (tx, now) => {
    await lockOwn(tx, actor.personId);
    const question = await tx.question.findFirst({ where: { id: questionId, personId: actor.personId } });
    if (!question) return refuse("question-unknown");
    const filter = parseFilter(question.filter);
    const refusal = whyNotScheduled(actor, terms.schedule, filter);
    if (refusal) return refuse(refusal);
    const { name, shared, schedule, format } = terms;
    if (await tx.question.findFirst({ where: { personId: actor.personId, name, id: { not: questionId } }, select: { id: true } })) return refuse("name-taken");
    const next = schedule === question.schedule ? question.nextRunAt : nextRunAt(schedule, now);
    await tx.question.update({ where: { id: questionId }, data: { name, isShared: shared, schedule, format, nextRunAt: next, changedAt: now } });
    await recordKept(tx, { actor, now, questionId, filter, ...terms });
    return ok({ questionId, name });
  });
}

/** Removes one's own question; its exports stay. */
export function removeQuestion({ actor, questionId }: { actor: PersonActor; questionId: string }): Promise<Result<{ questionId: string }, QuestionRefusal>> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.question.deleteMany({ where: { id: questionId, personId: actor.personId } });
    if (count === 0) return refuse("question-unknown");
    await appendEvent(tx, { type: "question.removed", at: now, actor, subjects: { person: actor.personId }, data: { questionId } });
    return ok({ questionId });
  });
}

/** Asks every question whose time has come; answers how many. Run by any number of workers: each question is claimed by its row. */
export async function askDueQuestions(most = 50, clock: Clock = databaseClock): Promise<number> {
  for (let asked = 0; asked < most; asked += 1) {
    if (!(await inTransaction(askNext, clock))) return asked;
  }
  return most;
}

async function askNext(tx: Transaction, now: Date): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from questions where next_run_at <= ${now}::timestamptz order by next_run_at limit 1 for update skip locked`;
  const id = rows[0]?.id;
  if (id === undefined) return false;
  const question = await tx.question.findUniqueOrThrow({ where: { id } });
  const schedule = schedules.find((known) => known === question.schedule) ?? "never";
  if (schedule === "never") {
    await tx.question.update({ where: { id }, data: { nextRunAt: null } });
    return true;
  }
  const period = periodBefore(schedule, now);
  const actor = await readPersonActor(tx, question.personId);
  // Whoever lost the role, left, or is an auditor with an engagement now asks nothing; the question stays for whoever gets it back.
  const mayExport = actor !== null && actor.bound === undefined && allows(actor.roles, "evidence:export");
  const { filter, problems } = readFilter({ ...parseFilter(question.filter), ...period });
  const format = exportFormats.find((known) => known === question.format);
  const asked = !mayExport ? refuse("may-not-export") : problems.length > 0 || !format ? refuse("filter-unknown") : await requestExportWithin(tx, now, { actor, filter, format });
  const exportId = asked.ok ? asked.value.exportId : null;
  const refusal = asked.ok ? null : asked.code;
  await tx.question.update({ where: { id }, data: { nextRunAt: nextRunAt(schedule, now), lastFrom: period.from, lastTo: period.to, lastExportId: exportId, lastRefusal: refusal } });
  const worker = { kind: "system", process: "worker" } as const;
  const subjects = { person: question.personId, ...(exportId ? { export: exportId } : {}) };
  await appendEvent(tx, { type: "question.asked", at: now, actor: worker, subjects, data: { questionId: id, ...period, exportId, refusal } });
  const outcome = refusal === null ? `Its export for ${period.from} to ${period.to} is being written.` : "It could not be asked; the page of questions says why.";
  await notify(tx, now, { kind: "question-asked", people: [question.personId], subjects: { person: question.personId }, link: refusal === null ? "/evidence/exports" : "/evidence/questions", words: { what: question.name, outcome } });
  return true;
}
