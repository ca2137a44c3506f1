import { Section } from "@/components/ui/page/section";
import { StateBadge } from "@/components/ui/truth/state-badge";
import type { Score } from "@/lib/identities/scores";
import type { ScoresView } from "@/lib/identities/views/detail-types";
import styles from "./scores.module.css";

const levels = [
  [85, "critical"],
  [60, "high"],
  [30, "elevated"],
  [0, "low"],
] as const;

function levelOf(total: number): string {
  return levels.find(([from]) => total >= from)?.[1] ?? "low";
}

/** Staleness and exposure, each with the sum that it is. */
export function Scores({ scores }: { scores: ScoresView }) {
  const { staleness, exposure, season } = scores;
  return (
    <Section title={<span id="scores">Scores</span>} note="0 is good, 100 is bad; each is the sum that stands beside it. docs/inventory.md has the reason for each weight.">
      <div className={styles.scores}>
        <ScoreLine name="Staleness" asks="how likely nobody needs it" score={staleness} />
        <ScoreLine name="Exposure" asks="how much harm it could do" score={exposure} />
      </div>
      {season ? (
        <p className={styles.season}>
          Seen at work {season.occasions} times in a rhythm: <strong>{season.words}</strong>. Silence between two of them is expected.
        </p>
      ) : null}
    </Section>
  );
}

function ScoreLine({ name, asks, score }: { name: string; asks: string; score: Score }) {
  const level = levelOf(score.total);
  return (
    <div className={styles.score}>
      <div className={styles.head}>
        <h3 className={styles.name}>{name}</h3>
        <span className={styles.asks}>{asks}</span>
      </div>
      <div className={styles.figure}>
        <strong>{score.total}</strong>
        {score.total >= 60 ? <StateBadge tone={score.total >= 85 ? "stuck" : "caution"}>{level}</StateBadge> : <span className={styles.level}>{level}</span>}
      </div>
      {score.parts.length === 0 ? (
        <p className={styles.none}>Nothing weighs.</p>
      ) : (
        <ul className={styles.parts} aria-label={`${name}: ${score.total} is the sum of`}>
          {score.parts.map(({ what, points, why }) => (
            <li key={what}>
              <span className={styles.points}>{points < 0 ? `− ${-points}` : `+ ${points}`}</span>
              <span>{why}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
