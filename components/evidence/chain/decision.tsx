import { CodeBlock } from "@/components/ui/page/code-block";
import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import { stagePlaceWords, voterWords } from "@/lib/stages/rules";
import type { ChainView, PolicyView, StageView } from "@/lib/evidence/views/chain-types";
import { formatList, formatPlural, formatSeconds } from "@/lib/platform/format";
import styles from "./chain.module.css";

const stageWords = { waiting: "not reached yet", open: "open", approved: "approved", denied: "denied", void: "not needed any more" } as const satisfies Record<StageView["state"], string>;

/** Who was asked, who voted how and why, and who could not vote because of the side they are on. */
export function Votes({ stages, side, state, emergency }: Pick<ChainView, "stages" | "side" | "state" | "emergency">) {
  if (stages.length === 0 && state === "refused") return null;
  return (
    <Section title="Votes">
      {stages.length === 0 ? <p>{emergency ? "Nobody was asked: the glass was broken." : "Nobody was asked: policy approved it without a person."}</p> : null}
      <ol className={styles.stages}>
        {stages.map((stage) => (
          <li key={stage.id}>
            <p className={styles.stageHead}>
              <strong>{stagePlaceWords(stage, stages)}</strong> · {stage.label} · {stage.needed} of {formatPlural(stage.asked, "person", "people")} asked · {stageWords[stage.state]}
            </p>
            <ul className={styles.votes}>
              {stage.votes.map((vote) => (
                <li key={vote.id} data-void={vote.isVoid || undefined}>
                  <span>
                    <strong>{voterWords(vote)}</strong> {vote.answer === "approve" ? `approved, for at most ${formatSeconds(vote.durationSeconds)}` : "denied"}
                    {vote.isVoid ? " (void: the request changed afterwards)" : ""} · <ExactTime at={vote.at} className={styles.quiet} />
                  </span>
                  {vote.reason === null ? <span className={styles.erased}>reason erased</span> : <q className={styles.clear}>{vote.reason}</q>}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {side.length > 0 ? (
        <p className={styles.quiet}>
          On the asking side, so without a vote: {formatList(side.map(({ name, why }) => `${name} (${why.map((one) => one.replaceAll("-", " ")).join(", ")})`))}.
        </p>
      ) : null}
    </Section>
  );
}

const momentWords: Readonly<Record<string, string>> = { request: "when it was asked", vote: "at a vote", activation: "at activation", recheck: "while it was live" };
const outcomeWords: Readonly<Record<string, string>> = { permit: "Yes", refuse: "No", fault: "Could not be asked" };

/** Each answer of policy: outcome, reasons, which policies made it, and exactly what it was asked. */
export function Policy({ policy }: { policy: readonly PolicyView[] }) {
  if (policy.length === 0) return null;
  return (
    <Section title="Policy">
      <ol className={styles.policy}>
        {policy.map((answer) => (
          <li key={answer.id}>
            <p>
              <strong>{outcomeWords[answer.outcome] ?? answer.outcome}</strong>
              {answer.entitlement === null ? null : <> for {answer.entitlement}</>} {momentWords[answer.moment] ?? answer.moment} · <ExactTime at={answer.at} className={styles.quiet} />
            </p>
            {answer.reasons.length > 0 ? <p>{answer.reasons.join(" ")}</p> : null}
            <p className={styles.quiet}>
              {answer.determining.length > 0 ? `By ${formatList(answer.determining)} of ` : "By "}
              {answer.policyVersion === null ? "a set that is not stored" : `policy set ${answer.policyVersion}`} <code title={answer.policyHash}>{answer.policyHash.slice(0, 12)}…</code>
            </p>
            <details className={styles.more}>
              <summary>What it was asked</summary>
              <p className={styles.quiet}>
                SHA-256 of it as canonical JSON: <code className={styles.wrapped}>{answer.inputHash}</code>
              </p>
              <CodeBlock code={answer.input} what="the question as JSON" />
            </details>
          </li>
        ))}
      </ol>
    </Section>
  );
}
