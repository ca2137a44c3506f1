import type { Route } from "next";
import Link from "next/link";
import { formatPlural, formatUtc } from "@/lib/platform/format";
import type { RequestView } from "@/lib/requests/views/types";
import styles from "./since-denial.module.css";

/** What a decision has to know beside the terms: what changed since a denial, a later start, time in a row, a question that is open. */
export function SinceDenial({ request: { thread, notBefore, entitlements, state, standingReason } }: { request: RequestView }) {
  const { after, extends: former, openQuestions } = thread;
  const starts = state === "pending" && notBefore !== null;
  if (!after && !former && !starts && openQuestions === 0 && entitlements.length < 2 && standingReason === null) return null;
  return (
    <ul className={styles.notes}>
      {after ? (
        <li>
          <strong>Changed since the denial</strong> of <Link prefetch={false} href={`/requests/${after.requestId}` as Route}>request {after.number}</Link>:{" "}
          {after.changes.length === 0 ? "nothing" : null}
          {after.changes.map(({ what, from, to }, index) => (
            <span key={what}>
              {index > 0 ? "; " : null}
              {what} <del>{from}</del> → <ins>{to}</ins>
            </span>
          ))}
        </li>
      ) : null}
      {standingReason === null ? null : (
        <li>
          <strong>Held standing when it was asked</strong>, and asked all the same: <q className={styles.said}>{standingReason}</q>
        </li>
      )}
      {former ? (
        <li>
          <strong>Extends</strong> the live session of <Link prefetch={false} href={`/requests/${former.requestId}` as Route}>request {former.number}</Link>: it joins at that end, with a new
          credential
        </li>
      ) : null}
      {starts ? (
        <li>
          <strong>Not before</strong> {formatUtc(notBefore)}
        </li>
      ) : null}
      {entitlements.length > 1 ? (
        <li>
          <strong>{entitlements.length} accesses</strong> in one request: each gets a grant of its own
        </li>
      ) : null}
      {openQuestions > 0 ? (
        <li data-open>
          <strong>{formatPlural(openQuestions, "question")} open</strong>: not answered yet, and the time to decide goes on
        </li>
      ) : null}
    </ul>
  );
}
