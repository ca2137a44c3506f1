import type { Route } from "next";
import Link from "next/link";
import { Duration } from "@/components/ui/time/duration";
import type { RequestView } from "@/lib/requests/views/types";
import type { LinkedRequest } from "@/lib/requests/views/thread-types";
import styles from "./links.module.css";

/** What came before this request and after it, and the ways on from here. */
export function RequestLinks({ request: { id, state, thread } }: { request: RequestView }) {
  const { extends: former, extendedBy, after, askedAgainBy, mayExtend, mayAskAgain } = thread;
  const hasWays = mayExtend || mayAskAgain;
  if (!former && !after && extendedBy.length === 0 && askedAgainBy.length === 0 && !hasWays) return null;
  return (
    <ul className={styles.links} aria-label="Related requests">
      {former ? (
        <li>
          Goes on with the session of <To request={former} />, after <Duration seconds={former.earlierSeconds} /> in a row
        </li>
      ) : null}
      {after ? (
        <li>
          Asks <To request={after} /> again, which was denied
        </li>
      ) : null}
      {extendedBy.map((one) => (
        <li key={one.requestId}>
          Extended by <To request={one} /> ({one.state === "pending" ? "waiting" : one.state})
        </li>
      ))}
      {askedAgainBy.map((one) => (
        <li key={one.requestId}>
          Asked again by <To request={one} /> ({one.state === "pending" ? "waiting" : one.state})
        </li>
      ))}
      {mayExtend ? (
        <li>
          <Link prefetch={false} href={`/requests/new?extends=${id}` as Route}>Extend this access</Link>
        </li>
      ) : null}
      {mayAskAgain ? (
        <li>
          <Link prefetch={false} href={`/requests/new?${state === "denied" ? "after" : "like"}=${id}` as Route}>Ask again</Link>
        </li>
      ) : null}
    </ul>
  );
}

function To({ request }: { request: LinkedRequest }) {
  return <Link prefetch={false} href={`/requests/${request.requestId}` as Route}>request {request.number}</Link>;
}
