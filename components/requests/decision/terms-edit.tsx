"use client";

import { formatPlural, formatSeconds } from "@/lib/platform/format";
import type { RequestView } from "@/lib/requests/views/types";
import { DurationField } from "../duration-field";
import styles from "./bar.module.css";
import { DurationEdit } from "./duration-edit";
import { type Giving, givingOf } from "./giving";

type TermsEditProps = {
  request: RequestView;
  giving: Giving;
  onGive: (giving: Giving) => void;
  onClose: () => void;
};

/** Takes away from what is asked: time, uses, time without use, accesses. What was asked stays visible, struck through. */
export function TermsEdit({ request, giving, onGive, onClose }: TermsEditProps) {
  const asked = givingOf(request);
  const open = request.entitlements.filter(({ id }) => !request.leftOut.includes(id));
  return (
    // Escape closes what `e` has opened.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={styles.terms}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <DurationEdit mostSeconds={asked.seconds} seconds={giving.seconds} onChange={(seconds) => onGive({ ...giving, seconds })} onClose={onClose} />
      <UsesEdit asked={asked.maxUses} uses={giving.maxUses} onChange={(maxUses) => onGive({ ...giving, maxUses })} />
      <IdleEdit asked={asked.idleSeconds} seconds={giving.idleSeconds} onChange={(idleSeconds) => onGive({ ...giving, idleSeconds })} />
      {open.length > 1 ? <Scope open={open} giving={giving} onGive={onGive} /> : null}
    </div>
  );
}

function UsesEdit({ asked, uses, onChange }: { asked: number | null; uses: number | null; onChange: (uses: number | null) => void }) {
  const isLess = uses !== asked;
  return (
    <label className={styles.bound}>
      <span className={styles.reasonLabel}>
        Uses {isLess ? <del>{asked === null ? "no limit" : formatPlural(asked, "use")}</del> : null} {uses === null ? "no limit" : formatPlural(uses, "use")}
      </span>
      <input
        type="number"
        className={styles.boundInput}
        min={1}
        max={asked ?? 10_000}
        value={uses ?? ""}
        placeholder="no limit"
        onChange={(event) => {
          const typed = event.currentTarget.value === "" ? asked : Math.trunc(event.currentTarget.valueAsNumber);
          if (typed === null || (typed >= 1 && typed <= (asked ?? 10_000))) onChange(typed);
        }}
      />
    </label>
  );
}

function IdleEdit({ asked, seconds, onChange }: { asked: number | null; seconds: number | null; onChange: (seconds: number | null) => void }) {
  const label = (
    <>
      Ends without use after {seconds !== asked ? <del>{asked === null ? "never" : formatSeconds(asked)}</del> : null} {seconds === null ? "never" : formatSeconds(seconds)}
    </>
  );
  return (
    <DurationField
      label={label}
      seconds={seconds}
      mostSeconds={asked ?? 86_400}
      problem={null}
      onChange={(typed) => {
        if (typed === null) onChange(asked);
        else if (asked === null || typed <= asked) onChange(typed);
      }}
    />
  );
}

/** Of several accesses some can be left out; one stays, or it is a denial. */
function Scope({ open, giving, onGive }: { open: RequestView["entitlements"]; giving: Giving; onGive: (giving: Giving) => void }) {
  const given = open.length - giving.leaveOut.length;
  return (
    <fieldset className={styles.scope}>
      <legend className={styles.reasonLabel}>Give</legend>
      {open.map(({ id, name }) => {
        const isGiven = !giving.leaveOut.includes(id);
        return (
          <label key={id}>
            <input
              type="checkbox"
              checked={isGiven}
              disabled={isGiven && given === 1}
              onChange={() => onGive({ ...giving, leaveOut: isGiven ? [...giving.leaveOut, id] : giving.leaveOut.filter((other) => other !== id) })}
            />{" "}
            {isGiven ? name : <del>{name}</del>}
          </label>
        );
      })}
    </fieldset>
  );
}
