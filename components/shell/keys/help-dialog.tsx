"use client";

import { setKeysOn, useKeysOn } from "@/components/ui/keys/use-keys";
import { Dialog } from "@/components/ui/overlay/dialog";
import type { Role } from "@/lib/auth/permissions";
import styles from "./help.module.css";
import { placesFor } from "@/components/shell/nav/navigation";

type HelpDialogProps = { isOpen: boolean; onClose: () => void; roles: readonly Role[] };

type Line = { readonly keys: readonly string[]; readonly what: string };

const everywhere: readonly Line[] = [
  { keys: ["Ctrl", "K"], what: "Find anything (⌘ K on a Mac)" },
  { keys: ["/"], what: "Find anything" },
  { keys: ["?"], what: "This help" },
  { keys: ["esc"], what: "Close, and back to where you were" },
];

const lists: readonly Line[] = [
  { keys: ["j"], what: "Next row" },
  { keys: ["k"], what: "Row before" },
  { keys: ["enter"], what: "Open the row" },
  { keys: ["x"], what: "Select the row" },
];

const approvals: readonly Line[] = [
  { keys: ["a"], what: "Approve" },
  { keys: ["d"], what: "Deny" },
  { keys: ["e"], what: "Give less: time, uses, accesses" },
  { keys: ["r"], what: "To the reason" },
];

const reviews: readonly Line[] = [
  { keys: ["1"], what: "Keep" },
  { keys: ["2"], what: "Rotate" },
  { keys: ["3"], what: "Narrow" },
  { keys: ["4"], what: "Rehearse" },
  { keys: ["5"], what: "Offboard" },
  { keys: ["e"], what: "To the decision of the item" },
  { keys: ["b"], what: "Keep unchanged low items together" },
  { keys: ["s"], what: "Submit what is staged" },
];

/** The keyboard map, and the switch for single keys. */
export function HelpDialog({ isOpen, onClose, roles }: HelpDialogProps) {
  const isOn = useKeysOn();
  const places = placesFor(roles).flatMap((group) => group.places);
  const goTo = places.map((place) => ({ keys: ["g", place.key], what: place.label }));
  if (roles.length > 0) goTo.push({ keys: ["g", "n"], what: "Inbox" });
  const decides = places.some((place) => place.href === "/approvals");
  const reviewing = places.some((place) => place.href === "/reviews");
  return (
    <Dialog open={isOpen} onClose={onClose} title="Keyboard">
      <div className={styles.help}>
        <KeyGroup name="Everywhere" lines={everywhere} />
        <KeyGroup name="Go to" lines={goTo} />
        <KeyGroup name="Lists" lines={lists} />
        {decides ? <KeyGroup name="Approvals" lines={approvals} /> : null}
        {reviewing ? <KeyGroup name="Reviews" lines={reviews} /> : null}
        <label className={styles.switch}>
          <input type="checkbox" checked={isOn} onChange={(event) => setKeysOn(event.currentTarget.checked)} />
          <span>
            Single keys are on in this browser
            <span className={styles.switchNote}>Switch them off if you dictate or if keys are pressed by accident.</span>
          </span>
        </label>
      </div>
    </Dialog>
  );
}

function KeyGroup({ name, lines }: { name: string; lines: readonly Line[] }) {
  return (
    <section>
      <h3 className={styles.groupName}>{name}</h3>
      <dl className={styles.keys}>
        {lines.map((line) => (
          <div key={line.keys.join(" ")} className={styles.line}>
            <dt className={styles.combo}>
              {line.keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{line.what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
