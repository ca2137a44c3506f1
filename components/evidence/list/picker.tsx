"use client";

import { IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import type { ListUrl } from "@/components/data-table/use-list-url";
import { useFetched } from "@/components/ui/form/use-fetched";
import menu from "@/components/ui/overlay/menu.module.css";
import { Popover } from "@/components/ui/overlay/popover";
import type { Choice, ChoiceKind } from "@/lib/evidence/types";
import styles from "./list.module.css";
import { toggled } from "./toggled";

type PickerProps = { kind: ChoiceKind; label: string; chosen: readonly Choice[]; url: ListUrl };

/** A filter on names of which there may be very many: found on the server while somebody types. */
export function Picker({ kind, label, chosen, url }: PickerProps) {
  return (
    <Popover label={<MenuLabel label={label} count={chosen.length} />}>
      <Offered kind={kind} label={label} chosen={chosen} url={url} />
    </Popover>
  );
}

/** What is on the button of a filter. */
export function MenuLabel({ label, count }: { label: string; count: number }) {
  return (
    <>
      {label}
      {count > 0 ? <span className={styles.count}>{count}</span> : null}
      <IconChevronDown size={14} aria-hidden className={styles.chevron} />
    </>
  );
}

function Offered({ kind, label, chosen, url }: PickerProps) {
  const [text, setText] = useState("");
  const address = `/api/evidence/choices?kind=${kind}&q=${encodeURIComponent(text.trim())}`;
  const found = useFetched<{ choices: Choice[] }>(address, { restMs: text === "" ? 0 : 200 });
  const picked = chosen.map(({ value }) => value);
  const others = (found.value?.choices ?? []).filter(({ value }) => !picked.includes(value));
  return (
    <div className={styles.picker}>
      <input type="search" value={text} maxLength={200} autoFocus placeholder={`Find by name`} aria-label={`Find ${label.toLowerCase()} by name`} className={styles.find} onChange={(event) => setText(event.currentTarget.value)} />
      <fieldset className={styles.options} aria-busy={found.isOld || undefined}>
        <legend className="visually-hidden">{label}</legend>
        {[...chosen, ...others].map(({ value, label: name }) => (
          <label key={value} className={menu.item}>
            <input type="checkbox" checked={picked.includes(value)} onChange={() => url.go({ [kind]: toggled(picked, value) })} />
            {name}
          </label>
        ))}
        {found.failed ? <p className={styles.hint}>The names could not be read. Type on to try again.</p> : null}
        {!found.failed && !found.isOld && others.length === 0 && chosen.length === 0 ? <p className={styles.hint}>Nothing by that name.</p> : null}
      </fieldset>
    </div>
  );
}
