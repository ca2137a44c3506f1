import pg from "pg";
import type { Ask, Told } from "./sizes";
import { timed } from "./report";

type Statement = { readonly text: string; readonly values: readonly unknown[] };

/** One question. What changes something cannot be sent twice: its statements are timed as they run (`changes`), else alone afterwards. */
export type Measure = { readonly what: string; readonly changes?: true; readonly run: (round: number) => Promise<unknown> };

/** Now, by a clock that other processes of this machine share. */
export const sharedNow = () => performance.timeOrigin + performance.now();

/** What was sent to the database while something ran: the statements, the time during which one was under way, and when the last commit was sent. */
class Heard {
  readonly statements: Statement[] = [];
  committedAt = 0;
  busyMs = 0;
  private underWay = 0;
  private since = 0;

  began({ text, values }: Statement): void {
    this.statements.push({ text, values });
    if (/^commit/i.test(text)) this.committedAt = sharedNow();
    if (this.underWay === 0) this.since = performance.now();
    this.underWay += 1;
  }

  ended(): void {
    this.underWay -= 1;
    if (this.underWay === 0) this.busyMs += performance.now() - this.since;
  }
}

/** Runs something and hears the statements that it sends to the database, as the product sends them. */
async function listened(run: () => Promise<unknown>): Promise<{ ms: number; value: unknown; heard: Heard }> {
  const heard = new Heard();
  const plain = pg.Client.prototype.query as (...parameters: unknown[]) => unknown;
  const listening = function (this: pg.Client, ...parameters: unknown[]) {
    const [first, second] = parameters as [string | { text?: string; values?: unknown }, unknown];
    const text = typeof first === "string" ? first : (first.text ?? "");
    if (text === "") return plain.apply(this, parameters);
    const values = (typeof first === "string" ? undefined : first.values) ?? second;
    heard.began({ text, values: Array.isArray(values) ? values : [] });
    // A pool calls back, a transaction awaits.
    const last = parameters.at(-1);
    if (typeof last !== "function") return Promise.resolve(plain.apply(this, parameters)).finally(() => heard.ended());
    const answered = (...answer: unknown[]): unknown => {
      heard.ended();
      return Reflect.apply(last, undefined, answer);
    };
    return plain.apply(this, [...parameters.slice(0, -1), answered]);
  };
  Object.assign(pg.Client.prototype, { query: listening });
  try {
    return { ...(await timed(run)), heard };
  } finally {
    Object.assign(pg.Client.prototype, { query: plain });
  }
}

/** The whole answer, then its own statements alone, side by side so that both meet the same machine. */
async function ask(client: pg.Client, { run, changes }: Measure, round: number): Promise<Told> {
  const { ms, value, heard } = await listened(() => run(round));
  if (changes) return { whole: ms, own: heard.busyMs, committedAt: heard.committedAt, about: String(value) };
  const own = await timed(async () => {
    for (const { text, values } of heard.statements) await client.query(text, [...values]);
  });
  return { whole: ms, own: own.ms };
}

/** How the database goes about each statement of a question. */
async function plansOf(client: pg.Client, { run }: Measure): Promise<string[]> {
  const { heard } = await listened(() => run(0));
  const plans: string[] = [];
  for (const { text, values } of heard.statements) {
    // Begins and ends of transactions have no plan.
    if (!/^\s*(select|with|insert|update|delete)\b/i.test(text)) continue;
    const { rows } = await client.query<{ "QUERY PLAN": string }>(`explain (analyze, buffers) ${text}`, [...values]);
    plans.push([text, ...rows.map((row) => row["QUERY PLAN"])].join("\n"));
  }
  return plans;
}

/** Answers its parent's questions, one after another, until it is told to end. */
export async function answerQuestions(makeMeasures: () => Promise<readonly Measure[]>): Promise<void> {
  const client = new pg.Client({ connectionString: process.env["DATABASE_URL"] });
  await client.connect();
  const asked = await makeMeasures();
  process.on("message", ({ what, round, plans }: Ask) => {
    const measure = asked[what];
    if (!measure) throw new Error(`there is no question ${what}`);
    const answer = plans ? plansOf(client, measure) : ask(client, measure, round);
    void answer.then((told) => process.send?.(told));
  });
  process.send?.(asked.map(({ what }) => what));
}
