import { IconCheck, IconUserOff, IconUsers, IconX } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/form/button";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatList, formatSeconds } from "@/lib/platform/format";
import type { AskPreview, AskVerdict, EntitlementView } from "@/lib/requests/views/types";
import { Allows } from "../allows";
import { sayEnding, sayWhy } from "../words";
import styles from "./preview.module.css";
import { sayVerdict } from "./verdict-words";

type PreviewPanelProps = {
  preview: AskPreview | null;
  /** An answer to what was filled in before; the new one is on its way. */
  isOld: boolean;
  failed: boolean;
  onRetry: () => void;
  /** What is still to be filled in: "an identity". */
  missing: readonly string[];
  /** Takes a shorter duration over into the form. */
  onShorten: (seconds: number) => void;
};

/** What will become of the ask, before it is one: policy's answer, who will be asked by name, or why not. */
export function PreviewPanel({ preview, isOld, failed, onRetry, missing, onShorten }: PreviewPanelProps) {
  const verdict = preview?.verdict ?? null;
  const said = verdict ? sayVerdict(verdict) : "";
  return (
    <section className={styles.panel} aria-label="What will happen" aria-busy={isOld || undefined} data-old={isOld || undefined}>
      <h2 className={styles.title}>What will happen</h2>
      <p role="status" className="visually-hidden">
        {isOld ? "" : said}
      </p>
      {failed ? (
        <p className={styles.quiet}>
          The preview could not be read. You can ask all the same: the same rules decide. <Button size="small" onClick={onRetry}>Read it again</Button>
        </p>
      ) : null}
      {verdict ? <Verdict verdict={verdict} said={said} onShorten={onShorten} /> : <Missing missing={missing} />}
      {preview?.entitlements.map((entitlement) => <Entitlement key={entitlement.id} entitlement={entitlement} />)}
    </section>
  );
}

function Missing({ missing }: { missing: readonly string[] }) {
  return (
    <p className={styles.quiet}>
      {missing.length > 0
        ? `Still needed: ${formatList(missing)}. Then you see here what policy says and exactly who will be asked, before you ask.`
        : "Policy is being asked…"}
    </p>
  );
}

const looks = {
  "approved-at-once": { tone: "yes", icon: IconCheck },
  asks: { tone: "asks", icon: IconUsers },
  refused: { tone: "no", icon: IconX },
} as const;

/** Refusals that say it all: policy's terms would lead nowhere. */
const saidAlready = ["already-asked", "already-granted", "policy-refuses", "policy-fault", "not-requestable", "nobody-can-approve"];

function Verdict({ verdict, said, onShorten }: { verdict: AskVerdict; said: string; onShorten: (seconds: number) => void }) {
  const { tone, icon: Icon } = looks[verdict.outcome];
  return (
    <>
      <p className={styles.verdict} data-tone={tone}>
        <Icon size={18} stroke={2} aria-hidden />
        <span>{said}</span>
      </p>
      {verdict.standing.length > 0 ? (
        <p className={styles.quiet}>
          It already has {formatList(verdict.standing)}, standing: it can do this now, without a request. Asking does not take that away; it stays a side door. Say in the form why it is asked all the same.
        </p>
      ) : null}
      {verdict.outcome === "refused" ? <Refused verdict={verdict} onShorten={onShorten} /> : <Stages stages={verdict.stages} />}
      {verdict.stages.length > 0 ? <Excluded verdict={verdict} /> : null}
      {saidAlready.includes(verdict.refusal?.code ?? "") ? null : <Sentences verdict={verdict} />}
    </>
  );
}

function Refused({ verdict, onShorten }: { verdict: AskVerdict; onShorten: (seconds: number) => void }) {
  const longest = Number(verdict.refusal?.detail["longestSeconds"] ?? 0);
  return (
    <>
      {longest >= 60 ? (
        <Button size="small" onClick={() => onShorten(longest)}>
          Ask for {formatSeconds(longest)} instead
        </Button>
      ) : null}
      {verdict.openRequestId ? <Link prefetch={false} href={`/requests/${verdict.openRequestId}` as Route}>Open request {verdict.refusal?.detail["number"] ?? ""}</Link> : null}
      {verdict.administrators.length > 0 ? (
        <p className={styles.quiet}>
          {formatList(verdict.administrators, "or")} can appoint somebody, for example {formatList(verdict.appointable, "or")}.
        </p>
      ) : null}
    </>
  );
}

function Stages({ stages }: { stages: AskVerdict["stages"] }) {
  if (stages.length === 0) return null;
  return (
    <ol className={styles.stages}>
      {stages.map((stage, index) => (
        <li key={`${index} ${stage.label}`} className={styles.stage}>
          <span className={styles.stageName}>
            {sayPlace(stage, stages)}
            {capital(stage.label)}
          </span>
          <span className={styles.asked}>
            {formatList(stage.asked, stage.needed < stage.askedCount ? "or" : "and")}
            {stage.askedCount > stage.asked.length ? ` and ${stage.askedCount - stage.asked.length} more` : ""}
          </span>
          <span className={styles.quiet}>
            {sayNeeded(stage)}
            {stage.time ? ` ${stage.time}` : ""}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** "2. ", and that it is asked at the same time as the one before it. */
function sayPlace({ position }: AskVerdict["stages"][number], stages: AskVerdict["stages"]): string {
  const atOnce = stages.filter((other) => other.position === position).length > 1 ? "at once: " : "";
  const several = stages.some((other) => other.position !== position);
  return several ? `${position + 1}. ${atOnce}` : atOnce && capital(atOnce);
}

function sayNeeded({ needed, askedCount }: AskVerdict["stages"][number]): string {
  if (needed < askedCount) return `any ${needed} of ${askedCount} ${needed === 1 ? "has" : "have"} to approve`;
  return needed === 1 ? "has to approve" : `all ${needed} have to approve`;
}

function Excluded({ verdict: { excluded } }: { verdict: AskVerdict }): ReactNode {
  if (excluded.length === 0) return null;
  return (
    <div className={styles.excluded}>
      <p className={styles.quiet}>
        <IconUserOff size={14} aria-hidden className={styles.offIcon} /> Not asked, being on the asking side:
      </p>
      <ul>
        {excluded.map(({ name, why }) => (
          <li key={name}>
            {name} <span className={styles.quiet}>{sayWhy(why)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Sentences({ verdict: { sentences, terms, outcome } }: { verdict: AskVerdict }) {
  const isOne = new Set(sentences.map(({ entitlement }) => entitlement)).size < 2;
  return (
    <ul className={styles.sentences}>
      {sentences.map(({ text, policyId, entitlement }) => (
        <li key={`${entitlement}.${policyId ?? ""}.${text}`} title={policyId ? `policy ${policyId}` : undefined}>
          {isOne ? null : <strong>{entitlement}: </strong>}
          {text}
        </li>
      ))}
      {terms && outcome === "asks" ? (
        <li>
          Lapses <RelativeTime at={terms.decideBefore} /> if nobody has decided by then
        </li>
      ) : null}
      {terms ? <li>Once approved, you have {formatSeconds(terms.activationWindowSeconds)} to get the credential; its time starts then</li> : null}
    </ul>
  );
}

function Entitlement({ entitlement }: { entitlement: EntitlementView }) {
  return (
    <div className={styles.entitlement}>
      <p className={styles.entitlementHead}>
        <strong>{entitlement.name}</strong> on {entitlement.system.name} <SensitivityMark level={entitlement.sensitivity} />
      </p>
      <p className={styles.quiet}>{entitlement.description}</p>
      <Allows allows={entitlement.allows} />
      <p className={styles.quiet}>
        {entitlement.owners.length > 0 ? `Owned by ${formatList(entitlement.owners)}. ` : null}
        {sayEnding(entitlement)}.
      </p>
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

