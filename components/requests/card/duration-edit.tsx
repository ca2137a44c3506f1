"use client";

import { useId, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { formatSeconds } from "@/lib/platform/format";
import { type DurationUnit, durationUnits, presetsUpTo, secondsOf, splitDuration } from "../durations";
import styles from "./bar.module.css";

type DurationEditProps = {
  /** A decision can shorten, never lengthen. */
  mostSeconds: number;
  seconds: number;
  onChange: (seconds: number) => void;
  onClose: () => void;
};

/** Shortens what an approval gives; the old value stays visible, struck through. */
export function DurationEdit({ mostSeconds, seconds, onChange, onClose }: DurationEditProps) {
  const id = useId();
  const [typed, setTyped] = useState(() => ({ amount: String(splitDuration(seconds).amount), unit: splitDuration(seconds).unit }));
  const parsed = secondsOf(typed.amount, typed.unit);
  const problem = parsed === null ? "Give 1 min or more." : parsed > mostSeconds ? `At most ${formatSeconds(mostSeconds)}: a decision can only shorten.` : null;
  const change = (next: { amount: string; unit: DurationUnit }) => {
    setTyped(next);
    const value = secondsOf(next.amount, next.unit);
    if (value !== null && value <= mostSeconds) onChange(value);
  };
  const take = (value: number) => {
    const { amount, unit } = splitDuration(value);
    setTyped({ amount: String(amount), unit });
    onChange(value);
  };
  return (
    <fieldset
      className={styles.duration}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <legend className={styles.reasonLabel}>
        Give {seconds < mostSeconds ? <del>{formatSeconds(mostSeconds)}</del> : null} {formatSeconds(seconds)}
      </legend>
      {presetsUpTo(mostSeconds).map((preset) => (
        <Button key={preset} size="small" aria-pressed={preset === seconds} onClick={() => take(preset)}>
          {formatSeconds(preset)}
        </Button>
      ))}
      <span className={styles.custom}>
        <input
          data-duration
          className={styles.amount}
          inputMode="decimal"
          maxLength={8}
          value={typed.amount}
          aria-label="Duration"
          aria-invalid={problem !== null || undefined}
          aria-describedby={problem ? id : undefined}
          onChange={(event) => change({ ...typed, amount: event.currentTarget.value })}
          onKeyDown={(event) => {
            // Enter would press the form's first button, which votes.
            if (event.key === "Enter") event.preventDefault();
          }}
        />
        <select
          className={styles.unit}
          aria-label="Unit"
          value={typed.unit}
          onChange={(event) => {
            const unit = durationUnits.find((candidate) => candidate.unit === event.currentTarget.value)?.unit ?? "min";
            change({ ...typed, unit });
          }}
        >
          {durationUnits.map(({ unit }) => (
            <option key={unit}>{unit}</option>
          ))}
        </select>
      </span>
      {problem ? (
        <span id={id} role="alert" className={styles.fieldProblem}>
          {problem}
        </span>
      ) : null}
    </fieldset>
  );
}
