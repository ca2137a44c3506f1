"use client";

import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { CopyButton } from "@/components/ui/names/copy-button";
import { Countdown } from "@/components/ui/time/countdown";
import { ClockTime } from "@/components/ui/time/relative-time";
import { type ConnectionForm, connectionForms, mask, writeConnection } from "./connection";
import styles from "./grants.module.css";
import { holdRefresh } from "./hold-refresh";
import type { Revealed } from "./use-activation";

type RevealProps = {
  credential: Revealed;
  totalSeconds: number;
  onDismiss: () => void;
};

/** The credential, shown once and masked until asked; until when it works in big figures; gone with the page. */
export function Reveal({ credential, totalSeconds, onDismiss }: RevealProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => {
    heading.current?.focus();
    return holdRefresh();
  }, []);
  return (
    <section className={styles.reveal} aria-labelledby={id} data-credential>
      <header className={styles.revealHead}>
        <div>
          <h2 id={id} ref={heading} tabIndex={-1} className={styles.revealTitle}>
            Your credential, shown once
          </h2>
          <p className={styles.quiet}>
            This page forgets it when you leave, and nobody else has the password: Curfew does not either.
          </p>
        </div>
        <div className={styles.until}>
          <span className={styles.quiet}>
            works until <ClockTime at={credential.notAfter} what="ends" />
          </span>
          <Countdown until={credential.notAfter} totalSeconds={totalSeconds} atZero="its login and open connections end" size="figure" />
        </div>
      </header>
      <Copyable credential={credential} />
      <footer className={styles.revealFoot}>
        <Button onClick={onDismiss}>I have it, forget it here</Button>
        <span className={styles.quiet}>Lost it? End the session and ask again: it cannot be shown a second time.</span>
      </footer>
    </section>
  );
}

/** One of three forms, masked or not; copying never needs it to be visible. */
function Copyable({ credential: { connection, password } }: { credential: Revealed }) {
  const [form, setForm] = useState<ConnectionForm>("psql");
  const [isShown, setShown] = useState(false);
  const Eye = isShown ? IconEyeOff : IconEye;
  return (
    <div className={styles.copyable}>
      <div className={styles.forms} role="group" aria-label="Form of the credential">
        {connectionForms.map((other) => (
          <button key={other} type="button" className={styles.form} aria-pressed={other === form} onClick={() => setForm(other)}>
            {other}
          </button>
        ))}
        <span className={styles.formTools}>
          <Button size="small" kind="quiet" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
            <Eye size={14} aria-hidden /> {isShown ? "Hide the password" : "Show the password"}
          </Button>
          <CopyButton value={writeConnection(form, connection, password)} label={`Copy ${form === "psql" ? "psql line" : form}`} wide />
        </span>
      </div>
      <pre className={styles.secret} tabIndex={0} role="region" aria-label={`Credential as ${form}`}>
        <code>{masked(writeConnection(form, connection, isShown ? password : mask))}</code>
      </pre>
    </div>
  );
}

/** The mask needs no quotes of a shell. */
function masked(text: string): string {
  return text.replaceAll(`'${mask}'`, mask);
}
