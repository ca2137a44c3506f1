import type { Metadata } from "next";
import { FirstAdministratorForm } from "@/components/people/first-administrator-form";
import { Banner } from "@/components/ui/feedback/banner";
import { getActor } from "@/lib/auth/session";
import { type FirstAdministratorRefusal, firstAdministratorRefusals } from "@/lib/people/types";
import styles from "../auth.module.css";

export const metadata: Metadata = { title: "First administrator" };

const refusals: Readonly<Record<FirstAdministratorRefusal, string>> = {
  "not-the-first": "There is an administrator already. Ask them for a role; nothing was changed.",
  "link-unknown": "This link was used already, or a newer one was printed. Nothing was changed: start Curfew again for a new one.",
  "link-expired": "This link is older than an hour. Nothing was changed: start Curfew again for a new one.",
};

export default async function FirstAdministratorPage({ searchParams }: PageProps<"/first-administrator">) {
  const [actor, search] = [await getActor(), await searchParams];
  const refused = firstAdministratorRefusals.find((code) => code === search["refused"]);
  return (
    <>
      {refused ? <Banner tone="warning">{refusals[refused]}</Banner> : null}
      <h1 className={styles.title}>First administrator</h1>
      <p className={styles.text}>
        {actor
          ? `You are signed in as ${actor.name}. The link from the start makes you the administrator of this installation, once.`
          : "Nobody administers this installation yet. Sign in first; then the link from the start makes you its administrator."}
      </p>
      <FirstAdministratorForm isSignedIn={actor !== null} />
    </>
  );
}
