import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { holdersOf } from "@/lib/auth/permissions";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { notify } from "@/lib/notifications/telling";
import { newId } from "@/lib/platform/ids";
import { readHolders } from "./data";
import { isDrillDue, missingOf } from "./rules";
import type { MissingForDrill } from "./types";
import { missingWords } from "./words";

const worker: Actor = { kind: "system", process: "worker" };
/** People on duty tomorrow can still do something about it tonight. */
const lookAheadHours = 24;
const mostPeople = 1_000;

type Row = { id: string; name: string; email: string | null; why: string; passkeys: number; webhooks: number };

/** Everybody who is on call within a day, or on the list for the worst day, with what they have. */
function readOnDuty(tx: Transaction, now: Date): Promise<Row[]> {
  const until = new Date(now.getTime() + lookAheadHours * 3_600_000);
  return tx.$queryRaw<Row[]>`
    with duty as (
      select o.person_id, 'on-call' as why from on_call o join team_members m on m.team_id = o.team_id and m.person_id = o.person_id
        where o.from_at < ${until}::timestamptz and o.until_at > ${now}::timestamptz
      union select l.person_id, 'listed' from break_glass_list l
        where l.person_id is not null and l.ended_at is null and l.until > ${now}::timestamptz
    )
    select p.id, p.name, p.email, max(d.why) as why,
      (select count(*)::int from passkeys k where k.person_id = p.id and k.revoked_at is null) as passkeys,
      (select count(*)::int from webhooks w where w.removed_at is null and w.stopped_at is null and 'emergency' = any(w.groups)
        and (w.team_id is null or exists (select from team_members m where m.team_id = w.team_id and m.person_id = p.id))) as webhooks
    from duty d join people p on p.id = d.person_id where p.left_at is null
    group by p.id, p.name, p.email order by p.name, p.id limit ${mostPeople}::int`;
}

/** Runs tonight's drill unless it has run; answers whether it did. Two workers take turns. */
export function runDueDrill(clock: Clock = databaseClock): Promise<boolean> {
  return inTransaction(async (tx, now) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('curfew:break-glass-drill', 0))`;
    const last = await tx.breakGlassDrill.findFirst({ orderBy: { ranAt: "desc" }, select: { ranAt: true } });
    if (!isDrillDue(last?.ranAt ?? null, now)) return false;
    await runDrill(tx, now);
    return true;
  }, clock);
}

type Looked = Row & { readonly missing: readonly MissingForDrill[] };

async function runDrill(tx: Transaction, now: Date): Promise<void> {
  const looked: Looked[] = (await readOnDuty(tx, now)).map((row) => ({ ...row, missing: missingOf(row) }));
  const failing = looked.filter(({ missing }) => missing.length > 0);
  const drillId = newId();
  await tx.breakGlassDrill.create({
    data: {
      id: drillId, ranAt: now, checked: looked.length, failing: failing.length,
      results: { create: looked.map(({ id, why, missing }) => ({ personId: id, why, missing: [...missing] })) },
    },
  });
  await appendEvent(tx, { type: "break-glass.drilled", at: now, actor: worker, subjects: {}, data: { drillId, checked: looked.length, failing: failing.map(({ id }) => id) } });
  await settleFindings(tx, failing, now);
  if (failing.length > 0) await tell(tx, drillId, failing, now);
}

const keyOf = (personId: string) => `on-call-not-ready:${personId}`;

/** One finding per person who is not ready; whoever is ready now, or not on duty any more, has none. */
async function settleFindings(tx: Transaction, failing: readonly Looked[], now: Date): Promise<void> {
  const still = new Set(failing.map(({ id }) => keyOf(id)));
  const open = await tx.finding.findMany({ where: { kind: "on-call-not-ready", closedAt: null }, select: { dedupeKey: true }, take: mostPeople });
  for (const { dedupeKey } of open) if (!still.has(dedupeKey)) await closeFinding(tx, { key: dedupeKey, actor: worker, now });
  for (const { id, name, missing } of failing) {
    const title = `${name} is on duty and could not break a glass: ${missing.map((what) => missingWords[what]).join(", ")}`;
    await openFinding(tx, { kind: "on-call-not-ready", key: keyOf(id), title, detail: { personId: id, missing: [...missing] }, subjects: {}, actor: worker, now });
  }
}

async function tell(tx: Transaction, drillId: string, failing: readonly Looked[], now: Date): Promise<void> {
  const what = failing.map(({ name, missing }) => `${name} (${missing.map((one) => missingWords[one]).join(", ")})`).join("; ");
  const administrators = await readHolders(tx, holdersOf("break-glass:manage"));
  await notify(tx, now, { kind: "drill-failed", people: administrators, subjects: {}, link: "/break-glass#drill", words: { what }, cause: `drill:${drillId}` });
  for (const { id, missing } of failing) {
    const yours = `you have ${missing.map((one) => missingWords[one]).join(" and ")}`;
    await notify(tx, now, { kind: "drill-failed", people: [id], subjects: { person: id }, link: `/people/${id}`, words: { what: yours }, cause: `drill:${drillId}:${id}` });
  }
}
