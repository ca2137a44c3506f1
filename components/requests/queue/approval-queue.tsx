"use client";

import type { Route } from "next";
import { useState } from "react";
import { LiveRefresh } from "@/components/live/live-events";
import { QueueFrame } from "@/components/queue/queue-frame";
import { QueueList, QueuePages, QueueRow } from "@/components/queue/queue-list";
import { useQueue } from "@/components/queue/use-queue";
import { Button } from "@/components/ui/form/button";
import { Duration } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { formatPlural } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import type { ApprovalRow, RequestView } from "@/lib/requests/views/types";
import { ApprovalCard } from "../card/approval-card";
import styles from "./news.module.css";
import { differenceOf } from "./waiting-list";

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
  const queue = useQueue({
    rows, gone, isChosen, shownId: open?.id ?? null,
    // What I decided leaves the list once I look at something else; nothing else leaves it unasked.
    onGo: (id) => setRows(rows.filter((row) => row.id === id || !mine.includes(row.id))),
  });
  const others = [...gone].filter((id) => !mine.includes(id)).length;
  return (
    <>
      <LiveRefresh kinds={["request."]} />
      <QueueFrame
        label="Requests that wait for you"
        back="Back to the queue"
        missing="This request is not there, or it is not yours to see."
        queue={queue}
        isChosen={isChosen}
        list={
          <>
            <News fresh={fresh} decided={others} onShow={() => setRows(page.rows)} />
            <QueueList rows={rows} gone={gone} queue={queue} draw={(row) => <Row row={row} isGone={gone.has(row.id)} isMine={mine.includes(row.id)} />} />
            <Pages page={page} />
          </>
        }
      >
        {open ? <ApprovalCard key={open.id} request={open} level={2} /> : null}
      </QueueFrame>
    </>
  );
}

function News({ fresh, decided, onShow }: { fresh: number; decided: number; onShow: () => void }) {
  const said = [fresh > 0 ? formatPlural(fresh, "new request") : null, decided > 0 ? `${decided} decided by colleagues` : null].filter(Boolean);
  return (
    <div role="status">
      {said.length > 0 ? (
        <p className={styles.news}>
          {said.join(" · ")}
          <Button size="small" onClick={onShow}>
            Show
          </Button>
        </p>
      ) : null}
    </div>
  );
}

function Pages({ page: { next, previous } }: { page: Page<ApprovalRow> }) {
  return (
    <QueuePages
      label="Pages of requests"
      back={previous ? { href: `/approvals?before=${previous}` as Route, text: "Riskier" } : null}
      on={next ? { href: `/approvals?after=${next}` as Route, text: "More" } : null}
    />
  );
}

/** One line of what and one of how long; the riskiest stand first. */
function Row({ row, isGone, isMine }: { row: ApprovalRow; isGone: boolean; isMine: boolean }) {
  return (
    <QueueRow
      name={row.identity.name}
      mark={<SensitivityMark level={row.sensitivity} />}
      what={<>{row.entitlement} for <Duration seconds={row.durationSeconds} /></>}
      how={isMine ? "decided by you" : isGone ? "decided meanwhile" : <>{row.asker}, <RelativeTime at={row.submittedAt} what="asked" /></>}
      until={isGone ? null : <>lapses <RelativeTime at={row.decideBefore} what="lapses" /></>}
    />
  );
}
