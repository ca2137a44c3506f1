import { CodeBlock } from "@/components/ui/page/code-block";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import type { SuspensionPanelView, SuspensionView } from "@/lib/suspensions/types";
import { KeepFresh } from "./keep-fresh";
import { Suspend } from "./suspend";
import { SuspensionRail } from "./suspension-rail";
import styles from "./suspensions.module.css";
import { UndoSuspension } from "./undo-suspension";
import { cautionsOf, kindWords, obstacleWords, stateLook } from "./words";

/** What was suspended of an identity, how far that is, and what may be done about it. */
export function SuspensionPanel({ panel }: { panel: SuspensionPanelView }) {
  const { identity, suspensions, mayAct, whyNotSuspend } = panel;
  const [newest, ...earlier] = suspensions;
  const open = newest?.closedAt === null ? newest : null;
  if (!newest && !mayAct) return null;
  return (
    <Section
      title="Suspension"
      note="Takes its sign-in away on the target, proven by a second account. A rehearsal gives it back by itself."
      action={mayAct && !open ? <Suspend panel={panel} /> : null}
    >
      <KeepFresh pace={open === null ? null : open.state === "proven" ? "later" : "soon"} />
      {newest ? <OneSuspension suspension={newest} name={identity.name} mayAct={mayAct} /> : null}
      {!open && mayAct && whyNotSuspend ? <Obstacle why={obstacleWords(whyNotSuspend)} /> : null}
      {!newest && !whyNotSuspend ? <p className={styles.quiet}>It was never suspended.</p> : null}
      {earlier.length > 0 ? <Earlier suspensions={earlier} name={identity.name} /> : null}
    </Section>
  );
}

function Obstacle({ why }: { why: { text: string; statement: string | null } }) {
  return (
    <div className={styles.obstacle}>
      <p className={styles.quiet}>{why.text}</p>
      {why.statement ? <CodeBlock code={why.statement} what="the statement that lets Curfew suspend it" /> : null}
    </div>
  );
}

function OneSuspension({ suspension, name, mayAct }: { suspension: SuspensionView; name: string; mayAct: boolean }) {
  const { word, tone } = stateLook(suspension);
  const mayUndo = mayAct && suspension.closedAt === null && suspension.undoOrderedAt === null && (suspension.kind !== "offboarding" || suspension.acceptedAt === null);
  return (
    <article className={styles.one} aria-label={`${kindWords[suspension.kind]} of ${name}`}>
      <header className={styles.head}>
        <h3 className={styles.title}>
          {kindWords[suspension.kind]} <StateBadge tone={tone}>{word}</StateBadge>
        </h3>
        {mayUndo ? <UndoSuspension suspensionId={suspension.id} name={name} /> : null}
      </header>
      {suspension.reason ? <p className={styles.reason}>{suspension.reason}</p> : null}
      <SuspensionRail suspension={suspension} name={name} />
      <Facts suspension={suspension} />
    </article>
  );
}

function Facts({ suspension }: { suspension: SuspensionView }) {
  const { undoAt, undoOrderedAt, undoAtFirstRefusal, refusedLoginAt, lastFailureText, state } = suspension;
  const cautions = cautionsOf(suspension);
  return (
    <ul className={styles.facts}>
      {undoAt && !undoOrderedAt && suspension.closedAt === null ? (
        <li>
          Undoes itself <RelativeTime at={undoAt} what="undone by itself" />
          {undoAtFirstRefusal ? ", or at the first refused sign-in" : ""}.
        </li>
      ) : null}
      {refusedLoginAt ? (
        <li>
          Somebody still needs it: the target refused a sign-in <RelativeTime at={refusedLoginAt} what="refused sign-in" />.
        </li>
      ) : null}
      {(state === "stuck" || state === "failed") && lastFailureText ? <li>The target says: {lastFailureText}</li> : null}
      {cautions.map((caution) => (
        <li key={caution}>{caution}</li>
      ))}
    </ul>
  );
}

function Earlier({ suspensions, name }: { suspensions: readonly SuspensionView[]; name: string }) {
  return (
    <details className={styles.earlier}>
      <summary>Earlier ({suspensions.length})</summary>
      {suspensions.map((suspension) => (
        <OneSuspension key={suspension.id} suspension={suspension} name={name} mayAct={false} />
      ))}
    </details>
  );
}
