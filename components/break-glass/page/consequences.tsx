import { Banner } from "@/components/ui/feedback/banner";
import type { IncidentCheck } from "@/lib/break-glass/types";
import type { BreakPreview } from "@/lib/break-glass/views/types";
import { sayFlags } from "@/lib/break-glass/words";
import { formatList, formatSeconds } from "@/lib/platform/format";
import styles from "../break-glass.module.css";
import { breakRefusals, incidentWords } from "../words";

export type Preview = BreakPreview & { readonly incidentCheck?: IncidentCheck };

/** Says in words what follows from breaking this glass, or why it cannot be. */
export function Consequences({ preview, identity }: { preview: Preview; identity: string }) {
  if (!preview.ok) {
    return (
      <Banner tone="trouble" live>
        {breakRefusals[preview.code] ?? preview.reason ?? "This glass cannot be broken."}
        {preview.reason && breakRefusals[preview.code] ? ` ${preview.reason}.` : ""}
      </Banner>
    );
  }
  const { skipped, secondWithinSeconds, debtSeconds, flags, openDebts, basis } = preview;
  return (
    <section className={styles.consequences} aria-label="What follows">
      <strong>What follows</strong>
      <ul>
        <li>
          {secondWithinSeconds === null
            ? `${identity} gets it in seconds, without asking first.`
            : `A second person is asked. If nobody answers within ${formatSeconds(secondWithinSeconds)}, it runs without one, loud, and you owe more.`}
        </li>
        <li>{skipped.length === 0 ? "Nobody is passed over." : `${formatList(skipped)} ${skipped.length === 1 ? "is" : "are"} told at once that you passed over their decision, and why. Quiet hours or not.`}</li>
        <li>While it lives it stands in red on every page, for everybody who may know.</li>
        <li>Everything that Curfew sees of its use is reviewed within {formatSeconds(debtSeconds)}, by somebody who is on neither your side nor the identity’s.</li>
        {openDebts > 0 ? <li>You or this identity have {openDebts === 1 ? "a debt" : `${openDebts} debts`} that nobody has reviewed yet.</li> : null}
        {basis === "list" ? <li>Policy does not say yes: you are on the list that was confirmed for such a day. That is flagged everywhere.</li> : null}
      </ul>
      {flags.length > 0 ? <p className={styles.quiet}>{sayFlags(flags).join(" · ")}</p> : null}
      {preview.incidentCheck && preview.incidentCheck !== "not-connected" ? <p className={styles.quiet}>The incident: {incidentWords[preview.incidentCheck]}.</p> : null}
    </section>
  );
}
