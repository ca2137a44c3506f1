import type { Route } from "next";
import Link from "next/link";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatList } from "@/lib/platform/format";
import type { OwnAccountView } from "@/lib/systems/types";

const uses = { connector: "gives access and takes it away again", probe: "only looks, to prove an end with eyes of its own" } as const;

/** What Curfew itself can do on the target: known and needed, and shown to whoever may see the system. */
export function OwnAccounts({ accounts }: { accounts: readonly OwnAccountView[] }) {
  return (
    <Section title="Curfew’s own accounts" note="Each is one known finding. Whoever has their passwords can do what stands here.">
      <ListRows label="Curfew’s own accounts">
        {accounts.map((account) => (
          <ListRow
            key={account.id}
            head={<Link href={`/identities/${account.identity.id}` as Route} prefetch={false}>{account.handle}</Link>}
            end={<>seen <RelativeTime at={account.seenAt} what="seen" /></>}
            facts={linesOf(account).map((line) => <span key={line}>{line}</span>)}
          />
        ))}
      </ListRows>
    </Section>
  );
}

function linesOf({ use, isSuperuser, canCreateRoles, holds, handsOut }: OwnAccountView): string[] {
  return [
    uses[use],
    ...(isSuperuser ? ["superuser: may do everything"] : []),
    ...(canCreateRoles ? ["may create roles"] : []),
    holds.length > 0 ? `holds ${formatList([...holds])}` : "holds no group of its own",
    ...(handsOut.length > 0 ? [`hands out, without using it: ${formatList([...handsOut])}`] : []),
  ];
}
