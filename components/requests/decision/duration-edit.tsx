"use client";

import { useState } from "react";
import { formatSeconds } from "@/lib/platform/format";
import { DurationField } from "../duration-field";

type DurationEditProps = {
  /** A decision can shorten, never lengthen. */
  mostSeconds: number;
  seconds: number;
  onChange: (seconds: number) => void;
  onClose: () => void;
};

/** Shortens what an approval gives; the old value stays visible, struck through. */
export function DurationEdit({ mostSeconds, seconds, onChange, onClose }: DurationEditProps) {
  const [typed, setTyped] = useState<number | null>(seconds);
  const shown = typed !== null && typed <= mostSeconds ? seconds : typed;
  const change = (value: number | null) => {
    setTyped(value);
    if (value !== null && value <= mostSeconds) onChange(value);
  };
  const label = (
    <>
      Give {seconds < mostSeconds ? <del>{formatSeconds(mostSeconds)}</del> : null} {formatSeconds(seconds)}
    </>
  );
  return (
    // Escape closes what `e` has opened.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <DurationField
        label={label}
        seconds={shown}
        onChange={change}
        mostSeconds={mostSeconds}
        problem={shown !== null && shown > mostSeconds ? `At most ${formatSeconds(mostSeconds)}: a decision can only shorten.` : null}
      />
    </div>
  );
}
