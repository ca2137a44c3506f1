import "server-only";
import { db } from "@/lib/db/client";
import type { PersonActor } from "./actor";
import { allows, type Permission } from "./permissions";

/** What an event is about: kind → id. */
export type Subjects = Readonly<Record<string, string>>;

/** Who hears of an event: everybody with `all`; with `own` only those whom it concerns. */
type Audience = { readonly all?: Permission; readonly own?: Permission };

const audiences: Readonly<Record<string, Audience>> = {
  request: { all: "request:view-all", own: "request:view" },
  policy: { all: "request:view-all", own: "request:view" },
  ticket: { all: "request:view-all", own: "request:view" },
  grant: { all: "session:view-all", own: "session:view" },
  identity: { all: "identity:view" },
  suspension: { all: "identity:view" },
  entitlement: { all: "entitlement:view" },
  system: { all: "system:view" },
  import: { all: "import:view" },
  exception: { all: "identity:view-reach" },
  finding: { all: "identity:view-reach" },
  evidence: { all: "evidence:view" },
  person: { all: "person:view" },
  passkey: { all: "person:view" },
  auditor: { all: "auditor:manage" },
  "step-up": { all: "person:view" },
  review: { all: "review:view-all", own: "review:view" },
  "break-glass": { all: "break-glass:view-all", own: "break-glass:view" },
  directory: { all: "person:view" },
  "hand-over": { all: "identity:view" },
  proposal: { all: "proposal:view" },
  /** Something new in one person's inbox: nobody else's business. */
  inbox: { own: "inbox:view" },
  notification: { all: "webhook:view" },
  ledger: { all: "checkpoint:view" },
  checkpoint: { all: "checkpoint:view" },
  log: { all: "checkpoint:view" },
  retention: { all: "retention:view" },
};

/**
 * Persons whom a request concerns, as its page sees it (`lib/requests/rules.ts`, `mayView`): who asked, the asking side, who
 * is or was asked to decide. One question per event, however many streams are open.
 */
export async function concernedBy({ request, grant, review, identity, inbox }: Subjects): Promise<ReadonlySet<string>> {
  if (inbox !== undefined) return new Set([inbox]);
  if (review !== undefined) return concernedByReview(review, identity);
  if (request === undefined && grant === undefined) return new Set();
  const rows = await db.$queryRaw<{ person_id: string }[]>`
    with about as (
      select r.id, r.requester_id from requests r
      where r.id = ${request ?? null}::uuid or r.id = (select g.request_id from grants g where g.id = ${grant ?? null}::uuid)
    )
    select requester_id as person_id from about where requester_id is not null
    union select s.person_id from about a join side_members s on s.request_id = a.id
    union select m.person_id from about a join stages t on t.request_id = a.id join stage_members m on m.stage_id = t.id
    union select g.person_id from break_glass b join break_glass_people g on g.break_glass_id = b.id
      where b.request_id = ${request ?? null}::uuid or b.request_id in (select id from about)`;
  return new Set(rows.map((row) => row.person_id));
}

/** Persons who are asked in a review: about one identity where the event names one, else about anything in it. */
async function concernedByReview(review: string, identity: string | undefined): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ person_id: string }[]>`
    select distinct r.person_id from review_items t join review_reviewers r on r.item_id = t.id
    where t.review_id = ${review}::uuid and (${identity ?? null}::uuid is null or t.identity_id = ${identity ?? null}::uuid)`;
  return new Set(rows.map((row) => row.person_id));
}

/** Whether a person may hear of an event, given whom it concerns (asked for only where that decides). Unknown kinds: no. */
export async function mayHear(
  actor: PersonActor,
  type: string,
  concerned: () => Promise<ReadonlySet<string>>,
): Promise<boolean> {
  // What happens elsewhere is nothing to an auditor with an engagement.
  if (actor.bound) return false;
  const audience = audiences[type.split(".", 1)[0] ?? ""];
  if (!audience) return false;
  if (audience.all && allows(actor.roles, audience.all)) return true;
  if (!audience.own || !allows(actor.roles, audience.own)) return false;
  return (await concerned()).has(actor.personId);
}
