import { PlainTable } from "@/components/ui/page/plain-table";
import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import type { Reconciled } from "@/lib/evidence/types";
import { formatCount } from "@/lib/platform/format";

/** What the newest export found when it compared lists both ways. */
export function ReconciledSection({ reconciled }: { reconciled: Reconciled | null }) {
  if (!reconciled) return null;
  return (
    <Section
      title="Reconciliation"
      note={
        <>
          Both ways, as the newest export found it, <ExactTime at={reconciled.at} />. What is on one side only is listed in its reconciliation files, with an explanation where there is one.
        </>
      }
    >
      <PlainTable label="Lists compared both ways" head={["Lists", "On both", "First only", "Second only", "Not explained"]}>
        {reconciled.lists.map(({ id, name, left, right, matched, onlyLeft, onlyRight, unexplained }) => (
          <tr key={id}>
            <td>
              {name}: {formatCount(left.count)} {left.what}; {formatCount(right.count)} {right.what}.
            </td>
            <td data-figures>{formatCount(matched)}</td>
            <td data-figures>{formatCount(onlyLeft)}</td>
            <td data-figures>{formatCount(onlyRight)}</td>
            <td data-figures>{formatCount(unexplained)}</td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}
