"use client";

import { IconDots } from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { Role } from "@/lib/auth/permissions";
import styles from "./nav.module.css";
import { WaitingCount } from "./nav-list";
import { bottomPlaces, isAt } from "./navigation";
import { openPages } from "@/components/shell/shell-events";
import { useWaiting } from "@/components/shell/waiting";

/** What one's role needs most, under the thumb, and the way to everything else. */
export function BottomBar({ roles }: { roles: readonly Role[] }) {
  const waiting = useWaiting();
  const pathname = usePathname();
  return (
    <nav className={styles.bottom} aria-label="Your places">
      {bottomPlaces(roles).map((place) => {
        const Icon = place.icon;
        return (
          <Link
            key={place.href}
            href={place.href}
            prefetch={false}
            className={styles.bottomLink}
            aria-current={isAt(pathname, place) ? "page" : undefined}
          >
            <span className={styles.bottomIcon}>
              <Icon size={20} stroke={1.75} aria-hidden />
              <WaitingCount count={place.count ? waiting[place.count] : 0} />
            </span>
            {place.label}
          </Link>
        );
      })}
      <button type="button" className={styles.bottomLink} aria-haspopup="dialog" onClick={openPages}>
        <span className={styles.bottomIcon}>
          <IconDots size={20} stroke={1.75} aria-hidden />
        </span>
        More
      </button>
    </nav>
  );
}
