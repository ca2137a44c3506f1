"use client";

import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useOptimistic, useRef, useState, useTransition } from "react";
import { listHref } from "@/components/data-table/table-url";
import { LiveRefresh } from "@/components/live/live-events";
import { Button } from "@/components/ui/form/button";
import { useKeys } from "@/components/ui/keys/use-keys";
import { formatPlural } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import type { ApprovalRow, RequestView } from "@/lib/requests/views/types";
import { ApprovalCard } from "../card/approval-card";
import { QueueList } from "./queue-list";
import styles from "./queue.module.css";
import { differenceOf, neighbourOf } from "./waiting-list";

type ApprovalQueueProps = {
  page: Page<ApprovalRow>;
  /** The request beside the list. */
  open: RequestView | null;
  /** The URL names it; on narrow screens it takes the list's place then. */
  isChosen: boolean;
};

/** What waits for my vote, and the request that I look at. Rows neither move nor vanish by themselves. */
export function ApprovalQueue({ page, open, isChosen }: ApprovalQueueProps) {
  const [rows, setRows] = useState(page.rows);
  const { gone, fresh } = differenceOf(rows, page);
  const [mine, setMine] = useState<readonly string[]>([]);
  if (open && gone.has(open.id) && !open.viewer.decision.may && open.viewer.decision.vote && !mine.includes(open.id)) setMine([...mine, open.id]);
  const others = [...gone].filter((id) => !mine.includes(id)).length;
  const { openId, hrefOf, go } = useOpen(open?.id ?? null, isChosen);
  const place = useRef(0);
  useEffect(() => {
    const index = rows.findIndex(({ id }) => id === openId);
    if (index >= 0) place.current = index;
  }, [rows, openId]);
  const move = (step: 1 | -1) => {
    const next = neighbourOf(rows, gone, { openId, place: place.current, step });
    if (next) goOn(next.id);
  };
  // What I decided leaves the list once I look at something else; nothing else leaves it unasked.
  const goOn = (id: string) => {
    setRows(rows.filter((row) => row.id === id || !mine.includes(row.id)));
    go(id);
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  return (
    <div className={styles.queue} data-chosen={isChosen || undefined}>
      <LiveRefresh kinds={["request."]} />
      <section className={styles.side} aria-label="Requests that wait for you">
        <div role="status">
          {fresh > 0 || others > 0 ? (
            <p className={styles.news}>
              {[fresh > 0 ? formatPlural(fresh, "new request") : null, others > 0 ? `${others} decided by colleagues` : null].filter(Boolean).join(" · ")}
              <Button size="small" onClick={() => setRows(page.rows)}>
                Show
              </Button>
            </p>
          ) : null}
        </div>
        <QueueList rows={rows} gone={gone} mine={mine} openId={openId} hrefOf={hrefOf} onGo={goOn} next={page.next} previous={page.previous} />
      </section>
      <div className={styles.open}>
        {isChosen ? (
          <p className={styles.back}>
            <a href={hrefOf(null)} onClick={(event) => { event.preventDefault(); go(null); }}>
              Back to the queue
            </a>
          </p>
        ) : null}
        {open ? <ApprovalCard key={open.id} request={open} level={2} /> : <Gone isChosen={isChosen} />}
      </div>
    </div>
  );
}

function Gone({ isChosen }: { isChosen: boolean }) {
  return <p className={styles.gone}>{isChosen ? "This request is not there, or it is not yours to see." : "Nothing is open."}</p>;
}

/** Which request is open, in the URL. */
function useOpen(shownId: string | null, isChosen: boolean) {
  const router = useRouter();
  const pathname = usePathname();
  const current = useSearchParams().toString();
  const [, startTransition] = useTransition();
  const [openId, setOpenId] = useOptimistic(shownId);
  const keep = { after: new URLSearchParams(current).get("after"), before: new URLSearchParams(current).get("before") };
  const hrefOf = (id: string | null) => listHref(pathname, current, { ...keep, open: id }) as Route;
  const go = (id: string | null) =>
    startTransition(() => {
      setOpenId(id);
      router.push(hrefOf(id), { scroll: false });
    });
  useEffect(() => {
    // What is decided stays on screen with its outcome, so the address has to name it once there is room for both.
    if (isChosen || shownId === null || !window.matchMedia("(min-width: 1000px)").matches) return;
    const address = new URLSearchParams(window.location.search);
    address.set("open", shownId);
    window.history.replaceState(null, "", `?${address.toString()}`);
  }, [isChosen, shownId]);
  return { openId, hrefOf, go };
}
