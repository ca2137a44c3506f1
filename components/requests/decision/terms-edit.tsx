"use client";

import { formatPlural, formatSeconds } from "@/lib/platform/format";
import type { RequestView } from "@/lib/requests/views/types";
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
      <BoundEdit
        label="Uses:"
        asked={asked.maxUses}
        value={giving.maxUses}
        say={(uses) => (uses === null ? "no limit" : formatPlural(uses, "use"))}
        size={1}
        most={10_000}
        onChange={(maxUses) => onGive({ ...giving, maxUses })}
      />
      <BoundEdit
        label="Minutes without use:"
        asked={asked.idleSeconds}
        value={giving.idleSeconds}
        say={(seconds) => (seconds === null ? "no limit" : formatSeconds(seconds))}
        size={60}
        most={86_400}
        onChange={(idleSeconds) => onGive({ ...giving, idleSeconds })}
      />
      {open.length > 1 ? <Scope open={open} giving={giving} onGive={onGive} /> : null}
    </div>
  );
}

type BoundEditProps = {
  label: string;
  asked: number | null;
  value: number | null;
  /** How a value reads; the field counts in steps of `size`. */
  say: (value: number | null) => string;
  size: number;
  most: number;
  onChange: (value: number | null) => void;
};

/** A number that can be lowered. Emptied, or more than asked: it is as asked. */
function BoundEdit({ label, asked, value, say, size, most, onChange }: BoundEditProps) {
  const ceiling = asked ?? most;
  return (
    <label className={styles.bound}>
      <span className={styles.reasonLabel}>
        {label} {value === asked ? null : <del>{say(asked)}</del>} {say(value)}
      </span>
      <input
        type="number"
        className={styles.boundInput}
        min={1}
        max={Math.floor(ceiling / size)}
        value={value === null ? "" : Math.ceil(value / size)}
        placeholder={say(null)}
        onChange={(event) => {
          const typed = Math.trunc(event.currentTarget.valueAsNumber) * size;
          onChange(typed >= size && typed <= ceiling ? typed : asked);
        }}
      />
    </label>
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
