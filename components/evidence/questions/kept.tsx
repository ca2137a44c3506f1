"use client";

import { IconDots } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { useActionState } from "react";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Button } from "@/components/ui/form/button";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { Popover } from "@/components/ui/overlay/popover";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { idle } from "@/lib/platform/action-state";
import { changeQuestionAction, removeQuestionAction } from "@/lib/questions/actions";
import type { QuestionRow } from "@/lib/questions/types";
import { filterText } from "../words";
import styles from "./questions.module.css";
import { Problem, TermsForm } from "./terms";
import { lastRunText, scheduleWords } from "./words";

/** Questions that were kept: one's own, then what others share. */
export function KeptQuestions({ questions, mayExport }: { questions: readonly QuestionRow[]; mayExport: boolean }) {
  if (questions.length === 0) return <EmptyState small title="None kept yet" why="Filter the chains as you need them, then keep what you see as a question: for yourself, shared, or answered by itself every month." />;
  return (
    <ListRows label="Kept questions">
      {questions.map((question) => (
        <Row key={question.id} question={question} mayExport={mayExport} />
      ))}
    </ListRows>
  );
}

function Row({ question, mayExport }: { question: QuestionRow; mayExport: boolean }) {
  const { name, filter, isOwn, isShared, by, schedule, nextRunAt } = question;
  const last = lastRunText(question);
  return (
    <ListRow
      head={<Link href={`/evidence?${new URLSearchParams(filter).toString()}` as Route} prefetch={false}>{name}</Link>}
      end={isOwn ? <Popover label={<IconDots size={14} aria-hidden />} name={`Change the question ${name}`}><Change question={question} mayExport={mayExport} /></Popover> : null}
      facts={
        <>
          <span>{filterText(filter)}</span>
          <span>{isOwn ? (isShared ? "yours, shared" : "yours alone") : `shared by ${by}`}</span>
          <span>
            answered {scheduleWords[schedule]}
            {nextRunAt ? <>, next <RelativeTime at={nextRunAt} what="asked next" /></> : null}
          </span>
          {last ? <span>{question.lastExportId ? <Link href={"/evidence/exports" as Route} prefetch={false}>{last}</Link> : last}</span> : null}
        </>
      }
    />
  );
}

function Change({ question, mayExport }: { question: QuestionRow; mayExport: boolean }) {
  const [state, submit] = useActionState(changeQuestionAction, idle);
  const [removed, remove, isRemoving] = useActionState(removeQuestionAction, idle);
  return (
    <>
      <TermsForm state={state} submit={submit} question={question} mayExport={mayExport}>
        <input type="hidden" name="questionId" value={question.id} />
        <SubmitButton size="small" pendingText="Saving…">Save</SubmitButton>
      </TermsForm>
      <form action={remove} className={styles.form}>
        <input type="hidden" name="questionId" value={question.id} />
        <Problem state={removed} />
        <Button type="submit" size="small" kind="danger" aria-disabled={isRemoving || undefined}>
          Remove {question.name}
        </Button>
      </form>
    </>
  );
}
