import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { KeyValue } from "@/components/ui/page/key-value";
import { formatCount, formatUtc } from "@/lib/platform/format";
import type { Problem, Verification } from "./verification";
import styles from "./verify.module.css";

function Place({ file, at }: Problem) {
  return (
    <>
      <code className={styles.code}>{file}</code>
      {at === null ? null : `, ${at}`}
    </>
  );
}

function Wrong({ problems }: { problems: readonly Problem[] }) {
  const [first, ...more] = problems;
  if (!first) return null;
  return (
    <>
      <p className={styles.first}>
        <Place {...first} />: {first.what}.
      </p>
      {more.length > 0 ? (
        <details className={styles.more}>
          <summary>{more.length === 1 ? "One more thing is wrong" : `${more.length} more things are wrong`}</summary>
          <ul className={styles.list}>
            {more.slice(0, 20).map((problem, index) => (
              <li key={index}>
                <Place {...problem} />: {problem.what}.
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <section>
      <h3 className={styles.subtitle}>{title}</h3>
      <ul className={styles.list}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

function factsOf({ about }: Verification) {
  const count = (name: string) => (typeof about[name] === "number" ? formatCount(about[name]) : null);
  const time = (name: string) => (typeof about[name] === "string" ? formatUtc(about[name]) : null);
  const values: readonly (readonly [string, string | null])[] = [
    ["Report", typeof about["report"] === "string" ? about["report"] : null],
    ["Written", time("madeAt")],
    ["Environment", typeof about["environment"] === "string" ? about["environment"] : null],
    ["Log", typeof about["log"] === "string" ? about["log"] : null],
    ["Entries the checkpoint signs", count("size")],
    ["Events in full", count("events")],
    ["By their hash only", count("hidden")],
    ["Rows", count("rows")],
    ["Filter", typeof about["filters"] === "string" ? about["filters"] : null],
  ];
  return values.flatMap(([label, value]) => (value === null ? [] : [{ key: label, label, value }]));
}

/** What a verification found: the first thing that is wrong or that it holds, what is proven, and what no bundle can prove. */
export function VerifyResult({ name, result }: { name: string; result: Verification }) {
  const Icon = result.ok ? IconCircleCheck : IconCircleX;
  return (
    <div className={styles.result}>
      <h2 className={styles.verdict} data-ok={result.ok || undefined}>
        <Icon size={22} stroke={1.75} aria-hidden />
        {result.ok ? "The bundle holds" : "The bundle does not hold"}
      </h2>
      <p className={styles.name}>{name}</p>
      {result.ok ? null : <Wrong problems={result.problems} />}
      <KeyValue facts={factsOf(result)} />
      <Lines title={result.ok ? "Proven" : "What holds all the same"} lines={result.proven} />
      {result.ok ? <Lines title="Not proven" lines={result.notProven} /> : null}
    </div>
  );
}
