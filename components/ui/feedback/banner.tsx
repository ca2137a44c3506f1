import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import styles from "./feedback.module.css";

type BannerProps = {
  tone?: "note" | "warning" | "trouble";
  children: ReactNode;
  /** To the right: a link or a small button. */
  action?: ReactNode;
  /** Spoken when it appears. */
  live?: boolean;
};

/** One line that matters for the whole page or form. */
export function Banner({ tone = "note", children, action, live = false }: BannerProps) {
  const Icon = tone === "note" ? IconInfoCircle : IconAlertTriangle;
  return (
    <div className={styles.banner} data-tone={tone} role={live ? (tone === "trouble" ? "alert" : "status") : undefined}>
      <Icon size={16} stroke={1.75} aria-hidden className={styles.bannerIcon} />
      <div className={styles.bannerText}>{children}</div>
      {action ? <div className={styles.bannerAction}>{action}</div> : null}
    </div>
  );
}
