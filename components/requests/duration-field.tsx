"use client";

import { type ReactNode, useId, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { type DurationUnit, durationUnits, presetsUpTo, secondsOf, splitDuration } from "./durations";
import styles from "./duration-field.module.css";

type DurationFieldProps = {
  label: ReactNode;
  seconds: number | null;
  onChange: (seconds: number | null) => void;
  /** The longest that can be taken; the shorter usual ones are offered as buttons. */
  mostSeconds: number;
  /** What is wrong with what is chosen. */
  problem: string | null;
};

/** A duration in human units: usual ones as buttons, any other as a number with its unit. */
export function DurationField({ label, seconds, onChange, mostSeconds, problem }: DurationFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState<{ amount: string; unit: DurationUnit; of: number | null }>(() => typedOf(seconds));
  const shown = typed.of === seconds ? typed : typedOf(seconds);
  const change = (amount: string, unit: DurationUnit) => {
    const value = secondsOf(amount, unit);
    setTyped({ amount, unit, of: value });
    onChange(value);
  };
  const said = problem ?? (seconds === null && shown.amount !== "" ? "Give 1 min or more, as a number." : null);
  return (
    <fieldset className={styles.field}>
      <legend className={styles.label}>{label}</legend>
      <div className={styles.choices}>
        {presetsUpTo(mostSeconds).map((preset) => {
          const { amount, unit } = splitDuration(preset);
          return (
            <Button key={preset} size="small" aria-pressed={preset === seconds} onClick={() => change(String(amount), unit)}>
              {amount} {unit}
            </Button>
          );
        })}
        <span className={styles.custom}>
          <input
            data-duration
            className={styles.amount}
            inputMode="decimal"
            maxLength={8}
            value={shown.amount}
            aria-label="Duration"
            aria-invalid={said !== null || undefined}
            aria-describedby={said ? id : undefined}
            onChange={(event) => change(event.currentTarget.value, shown.unit)}
            onKeyDown={(event) => {
              // Enter would press the form's first button.
              if (event.key === "Enter") event.preventDefault();
            }}
          />
          <select className={styles.unit} aria-label="Unit of the duration" value={shown.unit} onChange={(event) => change(shown.amount, unitOf(event.currentTarget.value))}>
            {durationUnits.map(({ unit }) => (
              <option key={unit}>{unit}</option>
            ))}
          </select>
        </span>
      </div>
      {said ? (
        <p id={id} role="alert" className={styles.problem}>
          {said}
        </p>
      ) : null}
    </fieldset>
  );
}

function typedOf(seconds: number | null) {
  if (seconds === null) return { amount: "", unit: "min" as const, of: null };
  const { amount, unit } = splitDuration(seconds);
  return { amount: String(amount), unit, of: seconds };
}

function unitOf(text: string): DurationUnit {
  return durationUnits.find(({ unit }) => unit === text)?.unit ?? "min";
}
