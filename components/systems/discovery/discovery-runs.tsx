import { KeepFresh } from "@/components/suspensions/keep-fresh";
import { CodeBlock } from "@/components/ui/page/code-block";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { DiscoveryRunsView, DiscoveryRunView } from "@/lib/systems/views/runs-types";
import { DiscoverNow } from "./discover-now";
import styles from "./discovery.module.css";

/** What was read from a system into the inventory, what came of each reading, and the one that runs now. */
export function DiscoveryRuns({ view }: { view: DiscoveryRunsView }) {
  const [newest] = view.runs;
  const isRunning = newest?.state === "running";
  return (
    <Section
      title="Discovery"
      note="Reads who can sign in and what they may do. A run that fails changes nothing."
      action={view.canDiscover && view.mayDiscover ? <DiscoverNow systemId={view.systemId} isRunning={isRunning} /> : null}
    >
      <KeepFresh pace={isRunning ? "soon" : null} />
      {view.canDiscover ? null : <p className={styles.quiet}>This kind of system cannot tell what is on it.</p>}
      {view.canDiscover && view.runs.length === 0 ? <p className={styles.quiet}>It was not read yet. The worker does so within a minute after it answers.</p> : null}
      <ListRows label={`Discoveries of ${view.name}`}>
        {view.runs.map((run) => (
          <Run key={run.id} run={run} />
        ))}
      </ListRows>
      <Log log={view.log} />
    </Section>
  );
}

const phases: Readonly<Record<string, string>> = { waiting: "waits for the worker", roles: "reads roles", privileges: "reads privileges", writing: "writes what it found" };

function Run({ run }: { run: DiscoveryRunView }) {
  return (
    <ListRow
      head={<RelativeTime at={run.startedAt} what="began" />}
      end={<State run={run} />}
      facts={
        <>
          {run.orderedBy ? <span>asked for by {run.orderedBy}</span> : <span>by itself</span>}
          {run.counts ? <span>{run.counts.roles} roles</span> : null}
          {run.failure ? <span>nothing was changed</span> : null}
        </>
      }
    >
      {run.state === "running" ? <Progress run={run} /> : null}
      {run.failureText ? <p className={styles.quiet}>{run.failureText}</p> : null}
      {run.notSeen.map(({ database, why }) => (
        <p key={database} className={styles.quiet}>
          Not seen: database {database}: {why}
        </p>
      ))}
      {run.diff.length > 0 ? <Diff run={run} /> : null}
    </ListRow>
  );
}

function State({ run }: { run: DiscoveryRunView }) {
  if (run.state === "running") return <StateBadge tone="ending">running</StateBadge>;
  if (run.state === "failed") return <StateBadge tone="stuck">failed</StateBadge>;
  const { appeared = 0, changed = 0, vanished = 0 } = run.counts ?? {};
  if (appeared + changed + vanished === 0) return <StateWord tone="proven">nothing new</StateWord>;
  return <StateWord tone="proven">{`${appeared} new, ${changed} changed, ${vanished} gone`}</StateWord>;
}

function Progress({ run: { phase, done, total } }: { run: DiscoveryRunView }) {
  const what = phases[phase ?? ""] ?? "works";
  return (
    <p className={styles.progress} role="status">
      <span>{total ? `It ${what}: ${done} of ${total}.` : `It ${what}.`}</span>
      {total ? <progress value={done} max={total} aria-label={`Discovery ${what}`} /> : null}
    </p>
  );
}

const words = { appeared: "new", changed: "changed", vanished: "gone" } as const;

function Diff({ run }: { run: DiscoveryRunView }) {
  const { appeared = 0, changed = 0, vanished = 0 } = run.counts ?? {};
  const rest = appeared + changed + vanished - run.diff.length;
  return (
    <details className={styles.diff}>
      <summary>What was different</summary>
      <ul>
        {run.diff.map(({ change, name, what }) => (
          <li key={`${change} ${name}`}>
            <code>{name}</code> {words[change]}
            {what.length > 0 ? `: ${what.join(", ")}` : ""}
          </li>
        ))}
      </ul>
      {rest > 0 ? <p className={styles.quiet}>And {rest} more.</p> : null}
    </details>
  );
}

function Log({ log }: { log: DiscoveryRunsView["log"] }) {
  if (!log) return null;
  if (log.unreadable) {
    return (
      <div className={styles.log}>
        <p className={styles.quiet}>
          Sign-ins are not read from the server&apos;s log: {log.unreadable}. Until then only connections that are open at a look are seen, and refused sign-ins are not.
        </p>
        {log.remedy ? <CodeBlock code={log.remedy} what="the statement that lets Curfew read sign-ins" /> : null}
      </div>
    );
  }
  return (
    <p className={`${styles.quiet} ${styles.log}`}>
      Sign-ins are read from the server&apos;s log
      {log.visibleSince ? (
        <>
          , without a gap since <RelativeTime at={log.visibleSince} what="read since" />
        </>
      ) : null}
      .
    </p>
  );
}
