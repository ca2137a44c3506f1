"use client";

import { IconBell } from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useWaiting } from "@/components/shell/waiting";
import { formatPlural } from "@/lib/platform/format";
import styles from "./inbox-link.module.css";

/** The way to one's inbox, and how much in it is not read. */
export function InboxLink() {
  const { inbox } = useWaiting();
  const isHere = usePathname() === "/inbox";
  const unread = inbox === 0 ? "nothing unread" : formatPlural(inbox, "unread notice");
  return (
    <Link href="/inbox" prefetch={false} className={styles.link} aria-label={`Inbox, ${inbox > 99 ? "more than 99 unread notices" : unread}`} title="Inbox" aria-current={isHere ? "page" : undefined}>
      <IconBell size={18} stroke={1.75} aria-hidden />
      {inbox > 0 ? (
        <span className={styles.count} aria-hidden>
          {inbox > 99 ? "99+" : inbox}
        </span>
      ) : null}
    </Link>
  );
}
