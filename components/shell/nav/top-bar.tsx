"use client";

import { IconMenu2 } from "@tabler/icons-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import { Dialog } from "@/components/ui/overlay/dialog";
import { allows, type Role } from "@/lib/auth/permissions";
import { FindButton } from "@/components/shell/find/find-button";
import { onShellEvents } from "@/components/shell/shell-events";
import { Brand, Mark } from "@/components/shell/mark";
import { InboxLink } from "./inbox-link";
import { NavList } from "./nav-list";
import { PersonMenu } from "./person-menu";
import { ThemeMenu } from "./theme-menu";
import styles from "./top-bar.module.css";

type TopBarProps = { person: { readonly id: string; readonly name: string; readonly roles: readonly Role[] } };

/** Find anything; theme; who I am and as what role. On narrow screens also the whole navigation. */
export function TopBar({ person }: TopBarProps) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => onShellEvents({ pages: () => setOpen(true) }), []);
  return (
    <header className={styles.bar}>
      <button
        type="button"
        className={styles.burger}
        aria-label="All pages"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
      >
        <IconMenu2 size={20} stroke={1.75} aria-hidden />
      </button>
      <Link href="/" prefetch={false} className={styles.brand} aria-label="curfew, overview">
        <Mark />
      </Link>
      {allows(person.roles, "overview:view") ? <FindButton roles={person.roles} /> : null}
      <div className={styles.self}>
        {allows(person.roles, "inbox:view") ? <InboxLink /> : null}
        <ThemeMenu />
        <PersonMenu person={person} />
      </div>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title="All pages" titleHidden place="left">
        <div className={styles.drawer}>
          <Brand />
          <NavList roles={person.roles} onGo={() => setOpen(false)} />
        </div>
      </Dialog>
    </header>
  );
}
