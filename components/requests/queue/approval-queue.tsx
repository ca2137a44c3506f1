"use client";

import type { Route } from "next";
import { useState } from "react";
import { LiveRefresh } from "@/components/live/live-events";
import { QueueFrame } from "@/components/queue/queue-frame";
import { QueueList, QueuePages, QueueRow } from "@/components/queue/queue-list";
import { useQueue } from "@/components/queue/use-queue";
import { Button } from "@/components/ui/form/button";
import { useKeys } from "@/components/ui/keys/use-keys";
import { Duration } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { formatPlural } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import type { MeanwhileRow } from "@/lib/requests/views/queue-types";
import type { ApprovalRow, RequestView } from "@/lib/requests/views/types";
import { ApprovalCard } from "../card/approval-card";
import { sayRisk } from "../decision/giving";
import styles from "./news.module.css";
import { SelectionBar } from "./selection-bar";
import { useMeanwhile } from "./use-meanwhile";
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
  // Once all on screen is decided, what waits besides follows below it: `j` goes on without reaching for anything.
  if (fresh > 0 && rows.every(({ id }) => gone.has(id))) setRows([...rows, ...page.rows.filter(({ id }) => !rows.some((row) => row.id === id))]);
  const [mine, setMine] = useState<readonly string[]>([]);
  if (open && gone.has(open.id) && !open.viewer.decision.may && open.viewer.decision.vote && !mine.includes(open.id)) setMine([...mine, open.id]);
  const queue = useQueue({
    rows, gone, isChosen, shownId: open?.id ?? null,
    // What I decided leaves the list once I look at something else; nothing else leaves it unasked.
    onGo: (id) => setRows(rows.filter((row) => row.id === id || !mine.includes(row.id))),
  });
  const others = [...gone].filter((id) => !mine.includes(id));
  const meanwhile = useMeanwhile(others);
  const selection = useSelection(rows, gone);
  useKeys({ x: () => { if (queue.openId !== null) selection.toggle(queue.openId); } });
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
            <News fresh={fresh} decided={others.length} onShow={() => setRows(page.rows)} />
            <QueueList
              rows={rows}
              gone={gone}
              queue={queue}
              before={(row) => <Select row={row} isGone={gone.has(row.id)} selection={selection} />}
              draw={(row) => <Row row={row} isGone={gone.has(row.id)} isMine={mine.includes(row.id)} became={meanwhile.get(row.id)} />}
            />
            <SelectionBar selected={selection.rows} onDone={selection.clear} />
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

type Selection = {
  readonly rows: readonly ApprovalRow[];
  readonly has: (id: string) => boolean;
  readonly toggle: (id: string) => void;
  /** How many waiting rows of this page are of a shape, and whether all of them are selected. */
  readonly countOf: (shape: string) => number;
  readonly hasAll: (shape: string) => boolean;
  /** Selects every waiting row of a shape that is on this page, or takes them all away again. */
  readonly toggleShape: (shape: string) => void;
  readonly clear: () => void;
};

/** Which rows are selected; what does not wait any more is not. */
function useSelection(all: readonly ApprovalRow[], gone: ReadonlySet<string>): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const waiting = all.filter(({ id }) => !gone.has(id));
  const rows = waiting.filter(({ id }) => ids.has(id));
  const toggle = (id: string) => setIds(ids.has(id) ? new Set([...ids].filter((other) => other !== id)) : new Set([...ids, id]));
  const alike = (shape: string) => waiting.filter((row) => row.shape === shape).map(({ id }) => id);
  const hasAll = (shape: string) => alike(shape).every((id) => ids.has(id));
  const toggleShape = (shape: string) => setIds(hasAll(shape) ? new Set([...ids].filter((id) => !alike(shape).includes(id))) : new Set([...ids, ...alike(shape)]));
  return { rows, has: (id) => ids.has(id), toggle, countOf: (shape) => alike(shape).length, hasAll, toggleShape, clear: () => setIds(new Set()) };
}

/** Selects a row, and where others of this page are like it all of those; how many there are in all stands beside it. */
function Select({ row, isGone, selection }: { row: ApprovalRow; isGone: boolean; selection: Selection }) {
  const here = selection.countOf(row.shape);
  const all = row.alike > 99 ? "99+" : String(Math.max(row.alike, here));
  const isAll = String(here) === all;
  return (
    <span className={styles.select}>
      <input type="checkbox" aria-label={`Select request ${row.number}, ${row.identity.name}`} checked={!isGone && selection.has(row.id)} disabled={isGone} onChange={() => selection.toggle(row.id)} />
      {here > 1 && !isGone ? (
        <button
          type="button"
          className={styles.alike}
          title={`${all} requests wait that differ in their identity only${isAll ? "" : `; ${here} of them are on this page`}`}
          aria-label={isAll ? `Select the ${here} requests like ${row.number}` : `Select the ${here} on this page of ${all} requests like ${row.number}`}
          aria-pressed={selection.hasAll(row.shape)}
          onClick={() => selection.toggleShape(row.shape)}
        >
          {isAll ? `×${all}` : `${here} of ${all}`}
        </button>
      ) : row.alike > 1 && !isGone ? (
        <span className={styles.elsewhere} title={`${all} requests wait that differ in their identity only; the others are on other pages`}>
          ×{all}
        </span>
      ) : null}
    </span>
  );
}

type RowProps = { row: ApprovalRow; isGone: boolean; isMine: boolean; became: MeanwhileRow | undefined };

/** One line of what and one of how long; the riskiest stand first. */
function Row({ row, isGone, isMine, became }: RowProps) {
  return (
    <QueueRow
      name={row.identity.name}
      mark={
        <span className={styles.marks}>
          {row.risk.points > 0 ? <span className={styles.risk} title={sayRisk(row.risk)}>risk {row.risk.points}</span> : null}
          <SensitivityMark level={row.sensitivity} />
        </span>
      }
      what={<>{row.entitlement} for <Duration seconds={row.durationSeconds} />{row.stepUp ? " · passkey" : ""}</>}
      how={isMine ? "decided by you" : isGone ? <Became became={became} /> : <>{row.asker}, <RelativeTime at={row.submittedAt} what="asked" /></>}
      until={isGone ? null : <>lapses <RelativeTime at={row.decideBefore} what="lapses" /></>}
    />
  );
}

/** Who decided it and when, as far as this person was asked, too. */
function Became({ became }: { became: MeanwhileRow | undefined }) {
  if (!became) return "decided meanwhile";
  const { by, answer, state, at } = became;
  return (
    <>
      {by && answer ? `${answer === "deny" ? "denied" : "approved"} by ${by}` : state === "pending" ? "not yours to decide any more" : state} <RelativeTime at={at} what="decided" />
    </>
  );
}
