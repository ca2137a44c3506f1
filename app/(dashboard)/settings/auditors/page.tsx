import type { Metadata } from "next";
import { Suspense } from "react";
import styles from "@/components/auditors/auditors.module.css";
import { EngagementForm } from "@/components/auditors/engagement-form";
import { EngagementList } from "@/components/auditors/engagement-list";
import { LookTable } from "@/components/auditors/look-table";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { PlainTable } from "@/components/ui/page/plain-table";
import { Section } from "@/components/ui/page/section";
import { loadAuditors } from "@/lib/auditors/loaders";
import { formatCount } from "@/lib/platform/format";

export const metadata: Metadata = { title: "Auditors" };

type Props = PageProps<"/settings/auditors">;

export default function AuditorsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Content searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Content({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadAuditors(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Engagements of auditors" {...loaded} />;
  const { engagements, systems, page, sort, digests } = loaded.value;
  return (
    <>
      <PageHead title="Auditors" sentence="Who from outside may see which evidence until when, and what auditors looked at. An auditor with an engagement decides nothing, changes nothing and sees nothing else." />
      <Section title="Engagements" note="Giving one, also in place of another, needs a second administrator once there are two. Ending one does not.">
        <EngagementList engagements={engagements} />
        <EngagementForm systems={systems} />
      </Section>
      <Section title="What auditors looked at" note="Nobody can change or remove an entry. The same look within a minute is one.">
        <LookTable page={page} sort={sort} />
      </Section>
      {digests.length > 0 ? (
        <Section title="In the ledger" note="Each day's looks, counted and hashed: an entry that was taken out or changed would not give this hash.">
          <PlainTable label="Looks by day" head={["Day", "Looks", "SHA-256"]}>
            {digests.map(({ day, count, sha256 }) => (
              <tr key={day}>
                <td>{day}</td>
                <td>{formatCount(count)}</td>
                <td className={styles.hash}>{sha256}</td>
              </tr>
            ))}
          </PlainTable>
        </Section>
      ) : null}
    </>
  );
}
