import Link from "next/link";
import type { ReactNode } from "react";
import { boundedAuditor, type Role } from "@/lib/auth/permissions";
import type { Waiting } from "@/lib/overview/types";
import { BottomBar } from "@/components/shell/nav/bottom-bar";
import { ConnectionNotice } from "./connection-notice";
import { Brand } from "./mark";
import { NavList } from "@/components/shell/nav/nav-list";
import styles from "./shell.module.css";
import { ShellKeys } from "@/components/shell/keys/shell-keys";
import { TopBar } from "@/components/shell/nav/top-bar";
import { SkipLink } from "./skip-link";
import { WaitingProvider } from "./waiting";

type ShellProps = {
  person: { readonly id: string; readonly name: string; readonly roles: readonly Role[] };
  waiting: Waiting;
  /** The example organisation: says so on top of every page. */
  isDemo: boolean;
  children: ReactNode;
};

/** Navigation on the left, find and self on top, the page between. */
export function Shell({ person, waiting, isDemo, children }: ShellProps) {
  return (
    <WaitingProvider waiting={waiting}>
      <div className={styles.shell} data-demo={isDemo || undefined}>
        <SkipLink />
        {isDemo ? (
          <aside className={styles.demo} aria-label="Demo">
            <span className={styles.demoText}>
              Demo: an example organisation on a real database.
              <span className={styles.demoMore}> Grants are real logins that really end.</span>
            </span>
          </aside>
        ) : null}
        <TopBar person={person} />
        <nav className={styles.nav} aria-label="Main">
          <Link href="/" prefetch={false} className={styles.brand} aria-label="curfew, overview">
            <Brand />
          </Link>
          <NavList roles={person.roles} />
        </nav>
        <main id="content" tabIndex={-1} className={styles.main}>
          {/* An engagement hears no changes: there is no connection to lose. */}
          {person.roles.includes(boundedAuditor) ? null : <ConnectionNotice />}
          {children}
        </main>
        <BottomBar roles={person.roles} />
        <ShellKeys roles={person.roles} />
      </div>
    </WaitingProvider>
  );
}
