import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { BrokenBanner } from "@/components/break-glass/broken-banner";
import { TableMemories } from "@/components/data-table/columns/table-memories";
import { memoryCookie } from "@/components/data-table/columns/table-memory";
import { EngagementOver } from "@/components/shell/engagement-over";
import { NoRole } from "@/components/shell/no-role";
import { Shell } from "@/components/shell/shell";
import { loadBrokenGlasses } from "@/lib/break-glass/loaders";
import { loadShell } from "@/lib/overview/loaders";

/**
 * The signed-in frame. It offers; whether somebody may see or do a thing is decided by each loader and action. Awaited
 * before anything is sent, so that whoever is signed out gets a real redirect and not a page that redirects.
 */
export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const [{ person, bound, waiting, isDemo }, broken, jar] = await Promise.all([loadShell(), loadBrokenGlasses(), cookies()]);
  return (
    <Shell person={person} waiting={waiting} isDemo={isDemo}>
      <BrokenBanner live={broken} />
      <TableMemories cookie={jar.get(memoryCookie)?.value}>{person.roles.length > 0 ? children : bound ? <EngagementOver until={bound.until} /> : <NoRole name={person.name} />}</TableMemories>
    </Shell>
  );
}
