import type { Metadata, Route } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import { loadSignIn } from "@/lib/auth/sign-in-page";
import styles from "../auth.module.css";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const page = await loadSignIn(await searchParams);
  if (page.goOn) redirect(page.goOn as Route); // a path of our own: `loadSignIn` has checked it
  return (
    <>
      {page.signedOut ? <Banner live>You are signed out.</Banner> : null}
      <h1 className={styles.title}>Sign in</h1>
      <p className={styles.text}>
        {page.demo
          ? "The demo’s identity provider lets you choose whom to be: there is one persona for each role."
          : `Curfew knows you through ${page.provider}. It keeps no password.`}
      </p>
      <form method="post" action="/api/auth/signin">
        <input type="hidden" name="next" value={page.next} />
        {page.signedOut ? <input type="hidden" name="again" value="1" /> : null}
        <Button type="submit" kind="primary" wide>
          {page.demo ? "Choose a persona" : `Sign in with ${page.provider}`}
        </Button>
      </form>
      {page.next === "/" ? null : (
        <p className={styles.note}>
          You come back to <code>{page.next}</code>.
        </p>
      )}
      <p className={styles.foot}>
        Have a bundle of evidence? <Link href="/verify">Verify it in your browser</Link>, without an account.
      </p>
    </>
  );
}
