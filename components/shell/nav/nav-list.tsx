"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { Role } from "@/lib/auth/permissions";
import { formatCount } from "@/lib/platform/format";
import styles from "./nav.module.css";
import { isAt, type Place, placesFor } from "./navigation";
import { useWaiting } from "@/components/shell/waiting";

type NavListProps = { roles: readonly Role[]; onGo?: () => void };

/** The places a person can go to, in groups; counts only where somebody must act. */
export function NavList({ roles, onGo }: NavListProps) {
  const pathname = usePathname();
  return (
    <div className={styles.groups} data-rail={onGo === undefined || undefined}>
      {placesFor(roles).map((group) => (
        <div key={group.label} className={styles.group}>
          <h2 className={styles.groupName}>{group.label}</h2>
          <ul className={styles.list}>
            {group.places.map((place) => (
              <li key={place.href}>
                <PlaceLink place={place} isHere={isAt(pathname, place)} onGo={onGo} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

type PlaceLinkProps = { place: Place; isHere: boolean; onGo: (() => void) | undefined };

function PlaceLink({ place, isHere, onGo }: PlaceLinkProps) {
  const waiting = useWaiting();
  const Icon = place.icon;
  return (
    <Link
      href={place.href}
      prefetch={false}
      className={styles.link}
      aria-current={isHere ? "page" : undefined}
      title={place.label}
      {...(onGo ? { onClick: onGo } : {})}
    >
      <Icon size={18} stroke={1.75} aria-hidden className={styles.icon} />
      <span className={styles.label}>{place.label}</span>
      <WaitingCount count={place.count ? waiting[place.count] : 0} />
    </Link>
  );
}

/** How many things wait, in a place's corner. */
export function WaitingCount({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className={styles.count}>
      {count > 99 ? "99+" : formatCount(count)}
      <span className="visually-hidden"> waiting for you</span>
    </span>
  );
}
