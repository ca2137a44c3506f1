import { CodeBlock } from "@/components/ui/page/code-block";
import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import { stagePlaceWords, voterWords } from "@/lib/stages/rules";
import type { ChainView, PasskeyProofView, PolicyView, StageView, VoteView } from "@/lib/evidence/views/chain-types";
import { formatDuration, formatList, formatPlural, formatSeconds } from "@/lib/platform/format";
import styles from "./chain.module.css";

const stageWords = { waiting: "not reached yet", open: "open", approved: "approved", denied: "denied", void: "not needed any more" } as const satisfies Record<StageView["state"], string>;

/** Who was asked, who voted how and why, and who could not vote because of the side they are on. */
export function Votes({ stages, side, state, emergency, isBounded }: Pick<ChainView, "stages" | "side" | "state" | "emergency" | "isBounded">) {
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
                  <span className={styles.quiet}>{howText(vote)}</span>
                  <Passkey proof={vote.passkey} isBounded={isBounded} />
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

/** How a vote came about: how long it took, whether its facts were on screen, and whether others were decided with it. */
function howText({ tookMs, wasOpened, batchSize, isHasty, seatOf }: VoteView): string {
  const took = tookMs === null ? "how long it took is not known" : `${formatDuration(tookMs)} after it was asked`;
  const alone = batchSize > 1 ? `one of ${batchSize} decided with one click` : "decided by itself";
  return [seatOf === null ? "own seat" : `seat of ${seatOf}`, took, wasOpened ? "opened before" : "not opened before", alone, ...(isHasty ? ["faster than it can be read; the reason says why"] : [])].join(" · ");
}

/** Whether a vote was confirmed with a passkey, and the proof for whoever wants to check it. */
function Passkey({ proof, isBounded }: { proof: PasskeyProofView | null; isBounded: boolean }) {
  if (proof === null) return <span className={styles.quiet}>Not confirmed with a passkey: policy asked for none.</span>;
  const isGood = proof.userVerified && proof.isOverThisVote;
  return (
    <span className={isGood ? styles.quiet : styles.unknown}>
      {isGood ? "Passkey verified: yes" : "Passkey verified: no"}, <ExactTime at={proof.verifiedAt} />
      {proof.isOverThisVote ? ", over exactly this vote" : ", but it was not given over this vote"}
      {proof.userVerified ? "" : ", and the authenticator did not check who it was"}
      {isBounded ? null : <> · <a href={`/api/evidence/proofs/${proof.proofId}`} download>Download its proof</a></>}
    </span>
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
            <PolicyText answer={answer} />
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

/** The policies that made the answer, in the words that were in force then. */
function PolicyText({ answer: { texts, policyVersion, policyHash } }: { answer: PolicyView }) {
  if (texts === null) return <p className={styles.quiet}>The set with this hash was never stored: its text is not known.</p>;
  if (texts.length === 0) return <p className={styles.quiet}>No policy of the set spoke to it: what no policy permits is refused.</p>;
  return (
    <details className={styles.more}>
      <summary>Policy as it was</summary>
      <p className={styles.quiet}>
        From set {policyVersion}, SHA-256 <code className={styles.wrapped}>{policyHash}</code>
      </p>
      {texts.map(({ id, text }) => (
        <div key={id}>
          <p><strong>{id}</strong></p>
          <CodeBlock code={text} what={`the policy ${id}`} />
        </div>
      ))}
    </details>
  );
}
