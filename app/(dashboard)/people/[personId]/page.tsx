import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { Passkeys } from "@/components/passkeys/passkeys";
import { PersonPage } from "@/components/people/person-page";
import { SetLeft } from "@/components/people/set-left";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { PersonName } from "@/components/ui/names/person-name";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { loadPasskeys } from "@/lib/passkeys/loaders";
import { loadPerson } from "@/lib/people/loaders";
import { formatPlural } from "@/lib/platform/format";

export const metadata: Metadata = { title: "Person" };

type Props = PageProps<"/people/[personId]">;

export default function PersonRoute({ params }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Person params={params} />
      </Suspense>
    </Page>
  );
}

async function Person({ params }: Pick<Props, "params">) {
  const { personId } = await params;
  const [loaded, passkeys] = await Promise.all([loadPerson(personId), loadPasskeys(personId)]);
  if (!loaded.allowed) return <NoPermission what="People" {...loaded} />;
  const { person, isYou, maySetLeft, maySeeOthers, ...rest } = loaded.value;
  const { leftAt, signIns, email, isInDirectory, createdAt } = person;
  return (
    <>
      <PageHead
        above={maySeeOthers ? <Link prefetch={false} href="/people">People</Link> : null}
        title={<PersonName person={{ ...person, hasLeft: leftAt !== null }} avatar isYou={isYou} />}
        sentence={
          <>
            {email ? `${email} · ` : ""}
            {leftAt ? (
              <>
                left <RelativeTime at={leftAt} what="left" />
              </>
            ) : (
              <>{signIns > 0 ? `signed in on ${formatPlural(signIns, "browser")}` : "not signed in now"}</>
            )}
            {" · known since "}
            <RelativeTime at={createdAt} what="known since" />
            {isInDirectory ? " · comes from the directory" : ""}
          </>
        }
        action={maySetLeft && leftAt === null && !isYou ? <SetLeft personId={person.id} name={person.name} /> : null}
      />
      <PersonPage person={person} {...rest} passkeys={passkeys.allowed && leftAt === null ? <Passkeys view={passkeys.value} /> : null} />
    </>
  );
}
