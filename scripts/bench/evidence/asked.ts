import { answerQuestions, type Measure } from "../asked";

/** What people ask of the list of evidence; the loaders' own functions, from the parsed address to the rows that go to the browser. */
async function measures(): Promise<Measure[]> {
  const { listEvidence } = await import("@/lib/evidence/data");
  const { readSeries } = await import("@/lib/evidence/views/series");
  const { evidencePageSchema, readFilter } = await import("@/lib/evidence/schema");
  const { encodeCursor } = await import("@/lib/db/cursor");
  const { db } = await import("@/lib/db/client");
  const parametersOf = (query: string) => Object.fromEntries(new URLSearchParams(query));
  const filterOf = (query: string) => {
    const { filter, problems } = readFilter(parametersOf(query));
    if (problems.length > 0) throw new Error(`${query}: ${problems[0]?.message}`);
    return filter;
  };
  const list = async (query: string) => {
    const page = await listEvidence(filterOf(query), evidencePageSchema.parse(parametersOf(query)));
    if (page.rows.length === 0) throw new Error(`the benchmark found nothing for ${query}`);
    return page;
  };
  const series = async (query: string) => {
    const { counted } = await readSeries(filterOf(query));
    if (counted.count === 0) throw new Error(`the benchmark counted nothing for ${query}`);
  };
  const [first] = await db.$queryRaw<{ id: string; number: number; identity_id: string; grant_id: string; ticket: string; day: string }[]>`
    select r.id::text, r.number, r.identity_id::text, g.id::text as grant_id, r.ticket_key as ticket, to_char(r.submitted_at at time zone 'UTC', 'YYYY-MM-DD') as day
    from requests r join grants g on g.request_id = r.id where r.ticket_key is not null order by r.submitted_at offset (select count(*) / 6 from grants) limit 1`;
  if (!first) throw new Error("there are no chains");
  const [deep] = await db.request.findMany({ orderBy: [{ submittedAt: "asc" }], select: { id: true, submittedAt: true, grants: { select: { id: true } }, entitlements: { select: { entitlementId: true } } }, skip: Math.floor((await db.request.count()) / 10), take: 1 });
  const place = { value: `${deep?.submittedAt.toISOString()}~${deep?.id}`, id: deep?.grants[0]?.id ?? deep?.entitlements[0]?.entitlementId ?? "" };
  const cursor = encodeCursor({ key: "asked", direction: "desc" }, place);
  const next = (await list("")).next ?? "";
  return [
    { what: "first page and its count", run: () => list("") },
    { what: "next page, by its cursor", run: () => list(`after=${next}`) },
    { what: "page at nine tenths, by its cursor", run: () => list(`after=${cursor}`) },
    { what: "page before it, by its cursor", run: () => list(`before=${cursor}`) },
    { what: "state: denied (4 of 100)", run: () => list("state=denied") },
    { what: "state: refused asks (1 of 100)", run: () => list("state=refused") },
    { what: "unproven only (1 of 200)", run: () => list("unproven=yes") },
    { what: "one identity's", run: () => list(`identity=${first.identity_id}`) },
    { what: "with an open finding (1 of 800)", run: () => list("finding=ended-late,grant-never-used") },
    { what: "chain: open (4 of 1,000)", run: () => list("seal=open") },
    { what: "chain: broken (1 of 1,000)", run: () => list("seal=broken") },
    { what: "uses: inferred (1 of 1,000)", run: () => list("match=inferred") },
    { what: "uses: none (1 of 5)", run: () => list("match=none") },
    { what: "one system's of sensitivity high", run: () => list("sensitivity=high&system=30000000-0000-7000-8000-000000000004") },
    { what: "ended because idle", run: () => list("reason=idle") },
    { what: "one day", run: () => list(`from=${first.day}&to=${first.day}`) },
    { what: "a number", run: () => list(`q=${first.number}`) },
    { what: "a ticket", run: () => list(`q=${first.ticket}`) },
    { what: "the id of a session", run: () => list(`q=${first.grant_id}`) },
    { what: "series of everything (the newest 10,000)", run: () => series("") },
    { what: "series of unproven only", run: () => series("unproven=yes") },
    { what: "series of one identity", run: () => series(`identity=${first.identity_id}`) },
    { what: "series of one day", run: () => series(`from=${first.day}&to=${first.day}`) },
  ];
}

await answerQuestions(measures);
