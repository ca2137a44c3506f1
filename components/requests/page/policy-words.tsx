import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { EntitlementView, PolicyView } from "@/lib/requests/views/types";
import styles from "./page.module.css";

const momentWords: Readonly<Record<string, string>> = {
  request: "when it was asked",
  vote: "at a vote",
  activation: "at activation",
  recheck: "while it was live",
};
const outcomeWords: Readonly<Record<string, string>> = { permit: "Yes", refuse: "No", fault: "Could not be asked" };

/** What policy answered each time it was asked, and why. */
export function PolicyWords({ policy }: { policy: readonly PolicyView[] }) {
  if (policy.length === 0) return null;
  const several = new Set(policy.flatMap(({ entitlement }) => entitlement ?? [])).size > 1;
  return (
    <Section title="What policy said">
      <ol className={styles.policy}>
        {policy.map(({ moment, outcome, entitlement, reasons, at, hash }, index) => (
          <li key={`${index}.${moment}.${at}`} data-outcome={outcome}>
            <p className={styles.policyHead} title={`policy set ${hash}`}>
              <strong>{outcomeWords[outcome] ?? outcome}</strong>
              {several && entitlement ? <> for {entitlement}</> : null} {momentWords[moment] ?? moment}, <RelativeTime at={at} />
            </p>
            <ul className={styles.reasons}>
              {reasons.map(({ text, policyId }) => (
                <li key={`${policyId ?? ""}.${text}`} title={policyId ? `policy ${policyId}` : undefined}>
                  {text}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** What the target cannot do, as its connector says it: partial control is not shown as full. */
export function Limits({ entitlements }: { entitlements: readonly EntitlementView[] }) {
  const [first] = entitlements;
  if (!first || first.ending.limits.length === 0) return null;
  return (
    <Section title={`What ${first.system.name} cannot do`}>
      <ul className={styles.limits}>
        {first.ending.limits.map(({ code, text }) => (
          <li key={code}>{text}</li>
        ))}
      </ul>
    </Section>
  );
}
