import type { Metadata } from "next";
import { ButtonLink } from "@/components/ui/form/button";
import type { SignInError } from "@/lib/auth/sign-in-flow";
import { readSignInError } from "@/lib/auth/sign-in-page";
import styles from "../../auth.module.css";

export const metadata: Metadata = { title: "Not signed in" };

const words: Record<SignInError, { title: string; text: string }> = {
  left: {
    title: "Your access to Curfew has ended",
    text: "You are recorded as having left, so you cannot sign in. If that is a mistake, ask an administrator of Curfew.",
  },
  cancelled: {
    title: "You were not signed in",
    text: "The identity provider says that signing in was cancelled or refused there. Nothing was changed.",
  },
  provider: {
    title: "The sign-in could not be confirmed",
    text: "It took longer than 15 minutes, was started in another browser, or the identity provider’s answer did not check out. Start again from here.",
  },
  unreachable: {
    title: "The identity provider does not answer",
    text: "Curfew could not reach it, so nobody can sign in right now. Whoever is signed in stays so. Try again in a minute.",
  },
  fault: {
    title: "Signing in failed on our side",
    text: "Nothing was changed. Try again; if it stays, give the id below to whoever runs Curfew.",
  },
};

export default async function SignInErrorPage({ searchParams }: PageProps<"/sign-in/error">) {
  const { reason, correlationId } = readSignInError(await searchParams);
  const { title, text } = words[reason];
  return (
    <>
      <h1 className={styles.title}>{title}</h1>
      <p className={styles.text}>{text}</p>
      <ButtonLink href="/sign-in" kind="primary" wide>
        Try again
      </ButtonLink>
      {correlationId ? (
        <p className={styles.note}>
          id <code>{correlationId}</code>
        </p>
      ) : null}
    </>
  );
}
