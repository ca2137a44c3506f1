import Link from "next/link";
import type { Route } from "next";
import type { ReactNode } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { ButtonLink } from "@/components/ui/form/button";
import { KindIcon, kindWords } from "@/components/ui/names/kind-icon";
import { PageHead } from "@/components/ui/page/page-head";
import { Columns } from "@/components/ui/page/section";
import type { IdentityView as View } from "@/lib/identities/views/detail-types";
import { formatUtc, formatUtcDay } from "@/lib/platform/format";
import { GrantHistory } from "./grant-history";
import { History, Sources } from "./around";
import { Credentials } from "./credentials";
import { Holdings } from "./holdings";
import { IdentityFacts, WhoAnswers } from "./identity-facts";
import styles from "./identities.module.css";
import { Reach } from "./reach/reach";
import { Scores } from "./scores";
import { signInWords } from "./words";

function sentenceOf(identity: View): string {
  if (identity.description) return identity.description;
  const where = identity.system ? ` on ${identity.system.name}` : "";
  const who = identity.owner ? `${identity.owner.name} answers for it.` : "Nobody answers for it.";
  return `A ${kindWords[identity.kind]} in ${identity.environment}${where}. ${who}`;
}

/** Everything about one identity that this person may see. */
export function IdentityView({ identity, suspension }: { identity: View; suspension: ReactNode }) {
  const { inside } = identity;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/identities">Identities</Link>}
        title={
          <span className={styles.title}>
            <KindIcon kind={identity.kind} size={20} />
            {identity.name}
          </span>
        }
        sentence={sentenceOf(identity)}
        action={
          identity.mayAsk ? (
            <ButtonLink kind="primary" href={`/requests/new?identity=${identity.id}` as Route}>
              Ask for access
            </ButtonLink>
          ) : null
        }
      />
      <Trouble identity={identity} />
      <Anchors identity={identity} />
      <Columns
        aside={
          <>
            <WhoAnswers identity={identity} />
            <IdentityFacts identity={identity} />
          </>
        }
      >
        {inside ? <Scores scores={inside.scores} /> : null}
        <Holdings identity={identity} holdings={inside?.holdings ?? null} mayExcept={identity.mayExcept} maySeeSystems={identity.maySeeSystems} />
        {inside ? <Reach identityId={identity.id} maySeeSystems={identity.maySeeSystems} /> : null}
        <Credentials identityId={identity.id} credentials={identity.credentials} />
        {suspension}
        {inside ? <Sources sources={inside.sources} isShared={identity.isShared} /> : null}
        <GrantHistory identityId={identity.id} grants={identity.grants} isPartial={inside === null} />
        {inside ? <History identityId={identity.id} history={inside.history} /> : null}
      </Columns>
    </>
  );
}

/** Where the parts of the page are. */
function Anchors({ identity: { inside } }: { identity: View }) {
  const parts = [
    ...(inside ? [["scores", "Scores"]] : []), ["holds", "What it holds"], ...(inside ? [["reach", "Reach"]] : []), ["credentials", "Credentials"],
    ...(inside && inside.sources.length > 0 ? [["sources", "Where it works"]] : []), ["grants", "Grants"], ...(inside ? [["history", "History"]] : []),
    ["answers", "Who answers"],
  ] as const;
  return (
    <nav className={styles.anchors} aria-label="Parts of this page">
      {parts.map(([id, name]) => (
        <a key={id} href={`#${id}`}>
          {name}
        </a>
      ))}
    </nav>
  );
}

function Trouble({ identity }: { identity: View }) {
  const lines: string[] = [];
  if (identity.vanishedAt) {
    lines.push(`The target no longer knows it since ${formatUtc(identity.vanishedAt)}. What was known stays here.`);
  } else if (identity.state === "unowned") {
    lines.push("Nobody answers for this identity. Policy gives it no new access until an owner and a sponsor are named.");
  } else if (identity.owner?.hasLeft) {
    lines.push(`${identity.owner.name}, its owner, has left. Its backup or sponsor answers until an owner is named.`);
  }
  if (identity.state === "orphaned") lines.push("Everybody who answered for it has left. It gets no new access until an owner and a sponsor are named.");
  if (identity.wokeAt) lines.push(`It was used on ${formatUtcDay(identity.wokeAt)} after ${identity.silenceDays ?? "many"} days of silence.`);
  if (identity.state === "suspended") {
    lines.push("It is suspended and gets no new access.", signInWords(identity.signIn));
  }
  if (lines.length === 0) return null;
  return (
    <div className={styles.notice}>
      <Banner tone={identity.vanishedAt ? "note" : "warning"}>{lines.join(" ")}</Banner>
    </div>
  );
}
