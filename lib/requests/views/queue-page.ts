import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import type { Page } from "@/lib/platform/page";
import { readRequestView } from "./detail";
import type { ApprovalListQuery } from "./list-schema";
import { listApprovals, readOwnPace } from "./queue";
import type { OwnPace } from "./queue-types";
import type { ApprovalRow, RequestView } from "./types";

/** The queue's page: what waits, the request beside it, and the reader's own pace. */
export async function readQueue(actor: PersonActor, query: ApprovalListQuery): Promise<{ page: Page<ApprovalRow>; open: RequestView | null; pace: OwnPace | null }> {
  const page = await listApprovals(actor.personId, query);
  // Beside a list there is room for its first request, too.
  const openId = query.open ?? page.rows[0]?.id;
  const [open, pace] = await Promise.all([openId ? readRequestView(openId, actor) : null, readOwnPace(actor.personId)]);
  return { page, open, pace };
}
