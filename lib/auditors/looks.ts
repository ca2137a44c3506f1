import "server-only";
import { createHash } from "node:crypto";
import type { PersonActor } from "@/lib/auth/actor";
import { boundedAuditor } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import type { LookKind } from "./types";

type Look = { readonly kind: LookKind; readonly subjectId?: string; readonly filter?: Readonly<Record<string, string>> };

/** Writes down what an auditor looks at, before they see it; the same within a minute is one look. Others are not written down. */
export async function recordLook({ personId, roles, bound }: PersonActor, { kind, subjectId, filter = {} }: Look): Promise<void> {
  if (!roles.includes("auditor") && !roles.includes(boundedAuditor)) return;
  const text = JSON.stringify(filter);
  const key = createHash("sha256").update(`${subjectId ?? ""} ${text}`, "utf8").digest("hex");
  await db.$executeRaw`
    insert into auditor_views (id, person_id, engagement_id, kind, subject_id, filter, at, minute, key)
    values (${newId()}::uuid, ${personId}::uuid, ${bound?.engagementId ?? null}::uuid, ${kind}, ${subjectId ?? null}::uuid, ${text}::jsonb,
      clock_timestamp(), date_trunc('minute', clock_timestamp()), ${key})
    on conflict (person_id, kind, key, minute) do nothing`;
}

type Day = { day: string; count: number; sha256: string };

/**
 * Puts the looks of the oldest day that is over and not in the ledger yet there: how many, and the SHA-256 over their lines,
 * the oldest first. What is changed or taken out of that day later does not give this hash. Answers whether there was one.
 */
export function digestLooks(today: (now: Date) => string = (now) => now.toISOString().slice(0, 10)): Promise<boolean> {
  return inTransaction(async (tx, now) => {
    await tx.$queryRaw`select 1 as held from (select pg_advisory_xact_lock(hashtextextended('curfew:auditor-digests', 0))) k`;
    const rows = await tx.$queryRaw<Day[]>`
      with next as (
        select min(v.at) as at from auditor_views v
        where v.at < ${`${today(now)}T00:00:00Z`}::timestamptz and v.at >= coalesce((select (max(d.day)::date + 1)::timestamp at time zone 'UTC' from auditor_view_digests d), '-infinity')
      ), bounds as (select date_trunc('day', at at time zone 'UTC') as day from next where at is not null)
      select to_char(b.day, 'YYYY-MM-DD') as day, count(*)::int as count,
        encode(sha256(convert_to(string_agg(concat_ws(' ', v.id, v.person_id, coalesce(v.engagement_id::text, '-'), v.kind, coalesce(v.subject_id::text, '-'),
          to_char(v.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), v.filter::text), E'\n' order by v.at, v.id), 'UTF8')), 'hex') as sha256
      from bounds b join auditor_views v on v.at >= b.day at time zone 'UTC' and v.at < (b.day + interval '1 day') at time zone 'UTC'
      group by b.day`;
    const [found] = rows;
    if (!found) return false;
    await tx.auditorViewDigest.create({ data: { ...found, at: now } });
    await appendEvent(tx, { type: "auditor.looks-digested", at: now, actor: { kind: "system", process: "worker" }, subjects: {}, data: found });
    return true;
  });
}
