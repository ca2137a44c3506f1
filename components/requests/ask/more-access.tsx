"use client";

import { IconPlus, IconX } from "@tabler/icons-react";
import { Button } from "@/components/ui/form/button";
import { OptionPicker } from "@/components/ui/form/option-picker";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { mostEntitlements } from "@/lib/requests/types";
import type { EntitlementOption } from "@/lib/requests/views/types";
import styles from "./ask.module.css";

type MoreAccessProps = {
  more: readonly (EntitlementOption | null)[];
  first: readonly EntitlementOption[];
  onChange: (more: (EntitlementOption | null)[]) => void;
};

/** Further accesses in the same request: one decision, one grant for each. */
export function MoreAccess({ more, first, onChange }: MoreAccessProps) {
  const put = (index: number, option: EntitlementOption) => onChange(more.map((one, at) => (at === index ? option : one)));
  return (
    <>
      {more.map((option, index) => (
        <div key={index} className={styles.another}>
          <OptionPicker
            label={`Access ${index + 2}`}
            name={`access${index + 2}`}
            placeholder="What else?"
            picked={option}
            onPick={(pickedOption) => put(index, pickedOption)}
            address="/api/options/entitlements"
            first={first}
            groupOf={({ system, environment }) => `${system} · ${environment}`}
          >
            {(one) => <EntitlementLine option={one} />}
          </OptionPicker>
          <Button size="small" onClick={() => onChange(more.filter((_, at) => at !== index))} aria-label={`Remove access ${index + 2}`}>
            <IconX size={14} aria-hidden /> Remove
          </Button>
        </div>
      ))}
      {more.length + 1 < mostEntitlements ? (
        <div>
          <Button size="small" onClick={() => onChange([...more, null])}>
            <IconPlus size={14} aria-hidden /> Add another access
          </Button>
        </div>
      ) : null}
    </>
  );
}

export function EntitlementLine({ option }: { option: EntitlementOption }) {
  return (
    <span className={styles.line}>
      <span className={styles.lineHead}>
        <span className={styles.lineName}>{option.name}</span>
        <SensitivityMark level={option.sensitivity} />
      </span>
      <span className={styles.lineMore}>{option.description}</span>
    </span>
  );
}
