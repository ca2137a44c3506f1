import { IconAlertTriangle, IconHelp, IconHourglassLow, IconRosetteDiscountCheck } from "@tabler/icons-react";
import type { SealState } from "@/lib/evidence/types";
import { sealWords } from "../words";
import styles from "./list.module.css";

const marks = { complete: IconRosetteDiscountCheck, open: IconHourglassLow, unknowable: IconHelp, broken: IconAlertTriangle } as const;

/** Whether everything of a chain has been reported: quiet, but for what was complete and then was not. What lives has no mark. */
export function SealMark({ seal }: { seal: SealState | null }) {
  if (seal === null || seal === "live") return null;
  const Icon = marks[seal];
  const words = seal === "complete" ? "complete: every source has reported" : sealWords[seal];
  return (
    <span role="img" aria-label={words} title={words} className={styles.sealMark} data-seal={seal}>
      <Icon size={14} stroke={1.75} aria-hidden />
    </span>
  );
}
