import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ExportTable } from "@/components/evidence/exports/export-table";
import { Moving } from "@/components/evidence/exports/moving";
import { ReconciledSection } from "@/components/evidence/exports/reconciled";
import { RequestForm } from "@/components/evidence/exports/request-form";
import { Scope } from "@/components/evidence/exports/scope";
import { EngagementNote } from "@/components/evidence/engagement-note";
import { FilterBar } from "@/components/evidence/list/filter-bar";
import { EvidencePlaces } from "@/components/evidence/places";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { Section } from "@/components/ui/page/section";
import { loadExports } from "@/lib/evidence/loaders";
import { formatCapped, formatCount } from "@/lib/platform/format";

export const metadata: Metadata = { title: "Exports of evidence" };

type Props = PageProps<"/evidence/exports">;

export default function ExportsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Exports searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Exports({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadExports(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Exports of evidence" {...loaded} />;
  const { reconciled, page, sort, filter, chosen, problems, matching, formats, bound, today, days } = loaded.value;
  const rows = `${formatCapped(matching.total)} ${matching.total.count === 1 && !matching.total.capped ? "row" : "rows"}`;
  return (
    <>
      <PageHead
        title="Exports"
        sentence={`Take evidence out, whole and with its report card. A file is kept for ${days} days; who took what, of which moment, and its hash stand here for ever.`}
      />
      <EvidencePlaces here="/evidence/exports" isBounded={bound !== undefined} />
      {bound ? <EngagementNote bound={bound} /> : null}
      {formats.length > 0 ? (
        <Section title="New export" action={bound ? null : <Link href={"/evidence/exports/sample" as Route} prefetch={false}>Draw a sample</Link>} note="What it holds, then its form. The same choice over the same ledger position gives the same data, byte for byte.">
          <Scope filter={filter} today={today} />
          <FilterBar filter={filter} chosen={chosen} problems={problems} />
          {problems.length === 0 ? (
            <>
              <p>
                <strong>{rows}</strong> at ledger position {formatCount(BigInt(matching.asOf))}. An export says which position it was written at.
              </p>
              <RequestForm formats={formats} filter={filter} rows={rows} />
            </>
          ) : null}
        </Section>
      ) : null}
      <Section title="Exports so far" action={<Link href="/verify" prefetch={false}>Verify a bundle</Link>}>
        <Moving rows={page.rows} />
        <ExportTable page={page} sort={sort} />
      </Section>
      <ReconciledSection reconciled={reconciled} />
    </>
  );
}
