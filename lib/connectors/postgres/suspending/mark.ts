import { ConnectorError } from "../../errors";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const anyMark = /\n?\[Curfew took this login away: order ([0-9a-f-]{36}) of installation ([0-9a-f]{8})\. [^\]]*\]/;

/**
 * What stands in a role's comment while Curfew keeps it from signing in. It is written in the same transaction as NOLOGIN, so
 * that a call whose answer was lost still knows whether it was this order that took the login, and it tells the target's people.
 */
export function markOf(installationId: string, orderId: string): string {
  if (!uuid.test(orderId)) throw new ConnectorError("unexpected", "the order id is not a UUID", { transient: false });
  return `[Curfew took this login away: order ${orderId} of installation ${installationId}. To keep it away for good, remove this line.]`;
}

/** A role's comment with a mark. */
export function withMark(comment: string | null, mark: string): string {
  return comment === null || comment === "" ? mark : `${comment}\n${mark}`;
}

/** A role's comment as it was without a mark; null when nothing is left. */
export function withoutMark(comment: string | null): string | null {
  const rest = (comment ?? "").replace(anyMark, "");
  return rest === "" ? null : rest;
}

/** Whether a comment holds the mark of this very order. */
export function holdsMark(comment: string | null, installationId: string, orderId: string): boolean {
  const found = anyMark.exec(comment ?? "");
  return found?.[1] === orderId && found[2] === installationId;
}
