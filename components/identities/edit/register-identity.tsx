"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useActionState, useEffect } from "react";
import { ButtonLink } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { registerIdentityAction } from "@/lib/identities/actions";
import { idle } from "@/lib/platform/action-state";
import { problemWords } from "../refusals";
import styles from "./edit.module.css";
import { IdentityFields } from "./identity-fields";

type RegisterProps = { teams: readonly { readonly id: string; readonly name: string }[]; you: { readonly id: string; readonly name: string } };

/** The form of an identity that no source tells of. */
export function RegisterIdentity({ teams, you }: RegisterProps) {
  const router = useRouter();
  const [state, submit, pending] = useActionState(registerIdentityAction, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const problem = problemWords(state);
  useEffect(() => {
    if (state.status === "done") router.push(`/identities/${state.value.identityId}` as Route);
  }, [state, router]);
  const draft = { kind: "service-account", environment: "production", description: "", vendor: "", tags: "", teamId: "", owner: you, sponsor: null, backup: null };
  return (
    <KeptForm submit={submit} className={styles.form}>
      <TextField label="Name" name="name" hint="As those who use it call it." errors={errors["name"]} maxLength={200} />
      <IdentityFields draft={draft} teams={teams} errors={errors} />
      {problem ? (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      ) : null}
      <footer className={styles.foot}>
        <ButtonLink href="/identities">Back to the list</ButtonLink>
        <SaveButton pending={pending} pendingText="Registering…">Register identity</SaveButton>
      </footer>
    </KeptForm>
  );
}
