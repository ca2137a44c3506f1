"use client";

import { IconKeyboard, IconLogout, IconUser } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import menu from "@/components/ui/overlay/menu.module.css";
import { Popover } from "@/components/ui/overlay/popover";
import { allows, boundedAuditor, type Role } from "@/lib/auth/permissions";
import { formatList } from "@/lib/platform/format";
import { openHelp } from "@/components/shell/shell-events";
import styles from "./top-bar.module.css";

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words.at(0), words.length > 1 ? words.at(-1) : undefined].map((word) => word?.at(0)?.toUpperCase() ?? "").join("");
}

/** Who I am and as what role; the way out. */
export function PersonMenu({ person }: { person: { readonly id: string; readonly name: string; readonly roles: readonly Role[] } }) {
  const roles = person.roles.length > 0 ? formatList(person.roles.map((role) => role.replace("-", " "))) : "no role yet";
  const label = (
    <>
      <span className={styles.avatar} aria-hidden>
        {initialsOf(person.name)}
      </span>
      <span className={styles.personText}>
        <span className={styles.personName}>{person.name}</span>
        <span className={styles.personRole}>{roles}</span>
      </span>
    </>
  );
  return (
    <Popover label={label} name={`${person.name}, ${roles}`} align="end" buttonClassName={styles.person}>
      {(closing) => (
        <>
          <p className={menu.head}>
            <strong>{person.name}</strong>
            {person.roles.length > 0 ? `Signed in as ${roles}` : "Signed in, without a role yet"}
          </p>
          <hr className={menu.rule} />
          {allows(person.roles, "person:view-own") ? (
            <Link {...closing} href={`/people/${person.id}` as Route} prefetch={false} className={menu.item}>
              <IconUser size={16} stroke={1.75} aria-hidden />
              Your page
            </Link>
          ) : null}
          {person.roles.includes(boundedAuditor) ? (
            <Link {...closing} href={"/evidence/engagement" as Route} prefetch={false} className={menu.item}>
              <IconUser size={16} stroke={1.75} aria-hidden />
              Your engagement
            </Link>
          ) : null}
          <button {...closing} type="button" className={menu.item} onClick={openHelp}>
            <IconKeyboard size={16} stroke={1.75} aria-hidden />
            Keyboard
            <kbd className={menu.aside}>?</kbd>
          </button>
          <form method="post" action="/api/auth/signout">
            <button type="submit" className={menu.item}>
              <IconLogout size={16} stroke={1.75} aria-hidden />
              Sign out
            </button>
          </form>
        </>
      )}
    </Popover>
  );
}
