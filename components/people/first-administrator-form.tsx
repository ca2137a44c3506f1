"use client";

import { useEffect, useRef } from "react";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import styles from "./people.module.css";

const key = "curfew-first-administrator";

/**
 * The link carries its token behind `#`, where no server and no log sees it; signing in leads away and back, so that the
 * tab remembers it until it is used.
 */
export function FirstAdministratorForm({ isSignedIn }: { isSignedIn: boolean }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const given = window.location.hash.slice(1);
    if (given) sessionStorage.setItem(key, given);
    if (given) window.history.replaceState(null, "", window.location.pathname + window.location.search);
    if (field.current) field.current.value = sessionStorage.getItem(key) ?? "";
  }, []);
  if (!isSignedIn) {
    return (
      <form method="post" action="/api/auth/signin">
        <input type="hidden" name="next" value="/first-administrator" />
        <Button type="submit" kind="primary" wide>
          Sign in
        </Button>
      </form>
    );
  }
  return (
    <form method="post" action="/api/auth/first-administrator" className={styles.form} onSubmit={() => sessionStorage.removeItem(key)}>
      <TextField
        label="Code of the link"
        name="token"
        hint="Filled in by the link itself; else paste what stands behind its #."
        ref={field}
        autoComplete="off"
        spellCheck={false}
      />
      <Button type="submit" kind="primary" wide>
        Become administrator
      </Button>
    </form>
  );
}
