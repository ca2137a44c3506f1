import "server-only";
import * as z from "zod";
import type { Bound } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { countMatching } from "@/lib/evidence/data";
import { readFilter } from "@/lib/evidence/schema";
import { exportFormats } from "@/lib/evidence/types";
import type { CappedCount } from "@/lib/platform/format";
import { shippedQuestions } from "./rules";
import { schedules, type AnsweredQuestion, type QuestionRow, type ShippedQuestion } from "./types";

const mostShown = 200;
const countLimit = 10_000;

const filterSchema = z.record(z.string(), z.string());

/** The filter of a kept question. */
export function parseFilter(json: unknown): Record<string, string> {
  return filterSchema.parse(json);
}

async function countOf(question: ShippedQuestion, bound: Bound | undefined): Promise<CappedCount> {
  if (question.on === "evidence") return (await countMatching(readFilter(question.filter).filter, bound)).total;
  const found = await db.finding.count({ where: { closedAt: null, kind: { in: [...question.kinds] } }, take: countLimit + 1 });
  return { count: Math.min(found, countLimit), capped: found > countLimit };
}

/** Where its rows are. A finding that somebody looked at stays a gap, so that it is listed as it is counted. */
function hrefOf(question: ShippedQuestion): string {
  const query = question.on === "evidence" ? new URLSearchParams(question.filter) : new URLSearchParams({ kind: question.kinds.join(","), state: "open,seen" });
  const path = question.on === "evidence" ? "/evidence" : "/findings";
  return query.size > 0 ? `${path}?${query.toString().replaceAll("%2C", ",")}` : path;
}

/** The shipped questions with how many rows each answer has now: in an engagement those about chains, within it. */
export async function answerShipped(bound?: Bound): Promise<AnsweredQuestion[]> {
  const asked = shippedQuestions.filter(({ on }) => bound === undefined || on === "evidence");
  return Promise.all(asked.map(async (question) => ({ ...question, href: hrefOf(question), rows: await countOf(question, bound) })));
}

/** Kept questions that a person may open: their own, then what others share. */
export async function readQuestions(personId: string): Promise<QuestionRow[]> {
  const rows = await db.question.findMany({
    where: { OR: [{ personId }, { isShared: true, person: { leftAt: null } }] },
    include: { person: { select: { name: true } } },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: mostShown,
  });
  const questions = rows.map(({ id, name, filter, isShared, schedule, format, nextRunAt, lastFrom, lastTo, lastExportId, lastRefusal, person, ...row }): QuestionRow => ({
    id, name, isShared, lastExportId, lastRefusal,
    filter: parseFilter(filter),
    isOwn: row.personId === personId,
    by: person.name,
    schedule: schedules.find((known) => known === schedule) ?? "never",
    format: exportFormats.find((known) => known === format) ?? "csv",
    nextRunAt: nextRunAt?.toISOString() ?? null,
    lastPeriod: lastFrom !== null && lastTo !== null ? { from: lastFrom, to: lastTo } : null,
  }));
  return [...questions.filter(({ isOwn }) => isOwn), ...questions.filter(({ isOwn }) => !isOwn)];
}
